import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import t from 'tap'
import type { VoteBatch } from '../../repositories/votes.ts'
import { backends } from '../support/backends.ts'
import { openPollDatabase } from '../support/polls.ts'

const NOTHING: VoteBatch = { changeable: [], final: [], anonymous: [], optionsOf: new Map() }

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const { databaseUrl } = await backend.open(t)
    const { db, votes, addPoll, tally } = await openPollDatabase(t, databaseUrl)
    const write = (batch: Partial<VoteBatch>) => db.transaction((tx) => votes.writeBatch({ ...NOTHING, ...batch }, tx))
    const named = (poll_id: string, voter_id: string, option_ids: string[], ms: number, n = 0) => ({
      ...{ poll_id, voter_id, option_ids, position: { ms, n } },
      voted_at: new Date(ms),
    })
    const nameless = (poll_id: string, voters: readonly string[], option: string) => ({
      anonymous: voters.map((voter_id) => ({ poll_id, voter_id, option_ids: [option] })),
      optionsOf: new Map([[poll_id, ['a', 'b', 'c']]]),
    })

    await t.test('the last vote counts, in whatever order they are written, and however often', async (t) => {
      const { id } = await addPoll()
      const voter = randomUUID()
      const states = []
      for (const [option, ms, n] of [
        ['a', 5, 0],
        ['b', 5, 10],
        ['c', 5, 9],
        ['c', 4, 99],
        ['b', 5, 10],
      ] as const) {
        await write({ changeable: [named(id, voter, [option], ms, n)] })
        states.push(await tally(id))
      }
      const forB = { voters: 1, b: 1 }
      t.same(states, [{ voters: 1, a: 1 }, forB, forB, forB, forB])
      t.match(await votes.voteOf(id, voter), { option_ids: ['b'] })
      t.equal(await votes.lastPositionOf(id), '5-10')
      t.same(await votes.votersOf(id), [voter])
    })

    await t.test('where no vote may be changed the first stays', async (t) => {
      const { id } = await addPoll({ changeable: false })
      const voter = randomUUID()
      await write({ final: [named(id, voter, ['a'], 5)] })
      await write({ final: [named(id, voter, ['b'], 6)] })
      t.same(await tally(id), { voters: 1, a: 1 })
    })

    await t.test('several options of one voter count each', async (t) => {
      const { id } = await addPoll({ multiple: true })
      await write({ changeable: [named(id, randomUUID(), ['a', 'b'], 1), named(id, randomUUID(), ['b'], 2)] })
      t.same(await tally(id), { voters: 2, a: 1, b: 2 })
    })

    await t.test('an anonymous voter is counted once', async (t) => {
      const { id } = await addPoll({ anonymous: true, changeable: false })
      const voters = Array.from({ length: 3 }, () => randomUUID())
      await write(nameless(id, voters.slice(0, 2), 'a'))
      await write(nameless(id, voters, 'b'))
      await write(nameless(id, voters, 'c'))
      t.same(await tally(id), { voters: 3, a: 2, b: 1, c: 0 })
      t.same((await votes.votersOf(id)).toSorted(), voters.toSorted())
      t.equal(await votes.voteOf(id, voters[0] ?? ''), null, 'nobody knows')
      t.equal(await votes.lastPositionOf(id), null)
    })

    await t.test('what was written together does not tell who chose what', async (t) => {
      const { id } = await addPoll({ anonymous: true, changeable: false })
      for (const option of ['a', 'b', 'a']) await write(nameless(id, [randomUUID()], option))
      const { rows } = (await db.execute(
        sql`select distinct xmin::text from poll_counts where poll_id = ${id}`,
      )) as unknown as { rows: unknown[] }
      t.equal(rows.length, 1, 'every count was last changed with the last voter')
    })

    await t.test('a batch that fails leaves nothing', async (t) => {
      const { id } = await addPoll()
      const unknown = named(randomUUID(), randomUUID(), ['a'], 1)
      await t.rejects(write({ changeable: [named(id, randomUUID(), ['a'], 1), unknown] }), { code: '23503' })
      t.same(await tally(id), { voters: 0 })
    })

    await t.test('batches with the same voters in other orders do not hold each other up for ever', async (t) => {
      const [one, other] = [await addPoll(), await addPoll({ anonymous: true, changeable: false })]
      const voters = Array.from({ length: 200 }, () => randomUUID())
      const batchOf = (order: readonly string[], ms: number) => ({
        changeable: order.map((voter) => named(one.id, voter, ['a'], ms)),
        ...nameless(other.id, order, 'b'),
      })
      const batches = Array.from({ length: 6 }, (_, i) => batchOf(i % 2 ? voters : voters.toReversed(), i))
      await Promise.all(batches.map(write))
      t.same(await tally(one.id), { voters: 200, a: 200 })
      t.same(await tally(other.id), { voters: 200, a: 0, b: 200, c: 0 })
    })

    await t.test('results of several polls come together; who did not vote is nobody', async (t) => {
      const [one, other] = [await addPoll(), await addPoll()]
      await write({ changeable: [named(one.id, randomUUID(), ['a'], 1)] })
      const results = await votes.resultsOf([one.id, other.id])
      t.same([results.get(one.id)?.voters, results.get(other.id)], [1, { voters: 0, counts: new Map() }])
      t.same(await votes.resultsOf([]), new Map())
    })
  })
}
