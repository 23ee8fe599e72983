import { randomUUID } from 'node:crypto'
import t from 'tap'
import { backends } from '../support/backends.ts'
import { OPTIONS, openPollDatabase } from '../support/polls.ts'

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const { databaseUrl } = await backend.open(t)
    const { db, polls, votes, rooms, roomId, addRoom, addPoll } = await openPollDatabase(t, databaseUrl)

    await t.test('a poll begins as a draft, and is found as it was made', async (t) => {
      const poll = await addPoll({ multiple: true, results: 'hosts' })
      t.match(poll, { status: 'draft', multiple: true, results: 'hosts', options: OPTIONS, opened_at: null })
      t.same(await polls.find(poll.id), poll)
      t.equal(await polls.find(randomUUID()), null)
    })

    await t.test('anonymous votes are final', async (t) => {
      await t.rejects(addPoll({ anonymous: true, changeable: true }), { code: '23514' })
    })

    await t.test('a draft is changed, an open poll is not', async (t) => {
      const { id } = await addPoll()
      t.match(await polls.updateDraft(id, { question: 'Why?', anonymous: true, changeable: false }), {
        question: 'Why?',
        anonymous: true,
        options: OPTIONS,
      })
      await polls.setStatus(id, { from: 'draft', to: 'open', at: new Date() })
      t.equal(await polls.updateDraft(id, { question: 'When?' }), null)
      t.equal(await polls.updateDraft(randomUUID(), { question: 'When?' }), null)
    })

    await t.test('the status goes from one to the next, once', async (t) => {
      const { id } = await addPoll()
      const step = (from: 'draft' | 'open' | 'closing', to: 'open' | 'closing' | 'closed', ms: number) =>
        polls.setStatus(id, { from, to, at: new Date(ms) })
      t.equal(await step('open', 'closing', 1), null)
      const opened = await Promise.all([step('draft', 'open', 2), step('draft', 'open', 2)])
      t.equal(opened.filter((poll) => poll !== null).length, 1)
      t.match(await step('open', 'closing', 3), { status: 'closing', opened_at: new Date(2), closed_at: null })
      t.ok((await polls.withStatus('closing', 100)).some((poll) => poll.id === id))
      t.match(await step('closing', 'closed', 4), { status: 'closed', opened_at: new Date(2), closed_at: new Date(4) })
    })

    await t.test("a room's polls come newest first, by page and by status", async (t) => {
      const room_id = await addRoom()
      const at = (minute: number) => new Date(Date.UTC(2030, 0, 1, 0, minute))
      const made = []
      for (const minute of [1, 2, 3]) made.push(await addPoll({ room_id, created_at: at(minute) }))
      await polls.setStatus(made[1]?.id ?? '', { from: 'draft', to: 'open', at: at(4) })
      const page = async (limit: number, offset: number, statuses?: ('draft' | 'open')[]) => {
        const found = await polls.ofRoom(room_id, { limit, offset, statuses })
        return { ids: found.polls.map(({ id }) => id), total: found.total }
      }
      const [first, second, third] = made.map(({ id }) => id)
      t.same(await page(10, 0), { ids: [third, second, first], total: 3 })
      t.same(await page(1, 1), { ids: [second], total: 3 })
      t.same(await page(10, 0, ['open']), { ids: [second], total: 1 })
      t.same(await page(10, 0, ['draft']), { ids: [third, first], total: 2 })
    })

    await t.test('goes with its votes, and with its room', async (t) => {
      const room_id = await addRoom()
      const [named, nameless] = [
        await addPoll({ room_id }),
        await addPoll({ room_id, anonymous: true, changeable: false }),
      ]
      const rowOf = (poll_id: string) => ({ poll_id, voter_id: randomUUID(), option_ids: ['a'] })
      const position = { ms: 1, n: 0 }
      const write = () =>
        db.transaction((tx) =>
          votes.writeBatch(
            {
              changeable: [{ ...rowOf(named.id), position, voted_at: new Date() }],
              final: [],
              anonymous: [rowOf(nameless.id)],
              optionsOf: new Map([[nameless.id, ['a', 'b', 'c']]]),
            },
            tx,
          ),
        )
      await write()
      t.equal(await polls.remove(named.id), true)
      t.equal(await polls.remove(named.id), false)
      t.same(await votes.votersOf(named.id), [])
      await t.rejects(write(), { code: '23503' }, 'nobody votes for what is gone')
      await rooms.remove(room_id)
      t.equal(await polls.find(nameless.id), null)
      t.same((await votes.resultsOf([nameless.id])).get(nameless.id), { voters: 0, counts: new Map() })
    })

    await t.test('who counts holds the polls that are there', async (t) => {
      const poll = await addPoll()
      const held = await db.transaction((tx) => polls.hold([randomUUID(), poll.id], tx))
      t.same(held, [
        { id: poll.id, room_id: roomId, options: OPTIONS, multiple: false, anonymous: false, changeable: true },
      ])
      t.same(await db.transaction((tx) => polls.hold([], tx)), [])
    })
  })
}
