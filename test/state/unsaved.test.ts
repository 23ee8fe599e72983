import { randomUUID } from 'node:crypto'
import t from 'tap'
import { MARK_GRACE_MS, SAVE_DELAY_MS, SAVE_LEASE_MS } from '../../state/unsaved.ts'
import { startRedis } from '../support/redis.ts'
import { createTestClock, openRedisState, type Twin, twins, until } from '../support/states.ts'

let days = 0

/** A state in which no room is marked, with a clock that the test moves: what earlier tests left behind is long due, and done with. */
async function open(t: Parameters<Twin['open']>[0], twin: Twin) {
  const clock = createTestClock(1_800_000_000_000 + ++days * 86_400_000)
  const state = await twin.open(t, clock.now)
  for (const room of await state.unsaved.claim(1000)) await state.unsaved.release(room)
  return { ...state, ...clock }
}

for (const twin of twins(t)) {
  t.test(twin.name, async (t) => {
    t.test('a marked room is due a little later, and one caller gets it', async (t) => {
      const { unsaved, advance } = await open(t, twin)
      const room = randomUUID()
      t.same(await unsaved.claim(10), [])
      await unsaved.mark(room)
      t.same(await unsaved.claim(10), [], 'what follows at once is saved with it')
      advance(SAVE_DELAY_MS)
      await unsaved.mark(room)
      t.match(await unsaved.claim(10), [{ roomId: room }], 'marking again puts it off no further')
      t.same(await unsaved.claim(10), [])
    })

    t.test('rooms that were due longest come first, no more than asked for', async (t) => {
      const { unsaved, advance } = await open(t, twin)
      const rooms = [randomUUID(), randomUUID(), randomUUID()]
      for (const room of rooms) {
        await unsaved.mark(room)
        advance(10)
      }
      advance(SAVE_DELAY_MS)
      const ids = async () => (await unsaved.claim(2)).map(({ roomId }) => roomId)
      t.same(await ids(), rooms.slice(0, 2))
      t.same(await ids(), rooms.slice(2))
    })

    t.test('a claim that is not released is taken over, and its late release changes nothing', async (t) => {
      const { unsaved, advance } = await open(t, twin)
      await unsaved.mark('a')
      advance(SAVE_DELAY_MS)
      const [dead] = await unsaved.claim(1)
      await unsaved.mark('a')
      advance(SAVE_LEASE_MS - 1)
      t.same(await unsaved.claim(1), [], 'a mark does not break the lease')
      advance(1)
      const [taken] = await unsaved.claim(1)
      t.equal(taken?.roomId, 'a')
      if (dead) await unsaved.release(dead)
      t.same(await unsaved.claim(1), [])
      if (taken) await unsaved.release(taken)
      advance(SAVE_LEASE_MS)
      t.same(await unsaved.claim(1), [], 'released by who has it')
    })

    t.test(
      'a released room is looked at again while a mark may stand for an event that was still to come',
      async (t) => {
        const { unsaved, advance } = await open(t, twin)
        const claimAndRelease = async () => {
          const claimed = await unsaved.claim(1)
          for (const room of claimed) await unsaved.release(room)
          return claimed.length
        }
        await unsaved.mark('a')
        advance(SAVE_DELAY_MS)
        t.equal(await claimAndRelease(), 1)
        t.equal(await claimAndRelease(), 0)
        advance(MARK_GRACE_MS - SAVE_DELAY_MS)
        t.equal(await claimAndRelease(), 1)
        advance(MARK_GRACE_MS)
        t.equal(await claimAndRelease(), 0, 'then it is done with')

        await unsaved.mark('a')
        advance(SAVE_DELAY_MS)
        const [claimed] = await unsaved.claim(1)
        advance(5)
        await unsaved.mark('a')
        if (claimed) await unsaved.release(claimed)
        advance(SAVE_DELAY_MS)
        t.equal(await claimAndRelease(), 1, 'marked while it was saved: due as any mark')
      },
    )

    t.test('gives what comes after the saved number, in pages', async (t) => {
      const { unsaved, roomEvents } = await open(t, twin)
      const room = randomUUID()
      t.same(await unsaved.read(room, 2), { events: [], savedSeq: 0, more: false, lost: false })
      for (let n = 0; n < 5; n++) await roomEvents.append(room, { type: 'caption', n })
      const seqs = async (max: number) => {
        const { events, ...rest } = await unsaved.read(room, max)
        return { seqs: events.map(({ seq }) => seq), ...rest }
      }
      t.same(await seqs(2), { seqs: [1, 2], savedSeq: 0, more: true, lost: false })
      await unsaved.saved(room, 2)
      t.same(await seqs(3), { seqs: [3, 4, 5], savedSeq: 2, more: false, lost: false })
      await unsaved.saved(room, 5)
      t.same(await seqs(3), { seqs: [], savedSeq: 5, more: false, lost: false })
    })

    t.test('says when events went before they were saved', async (t) => {
      const { unsaved, roomEvents } = await open(t, twin)
      const room = randomUUID()
      for (let n = 0; n < 5; n++) await roomEvents.append(room, { type: 'caption' })
      await unsaved.saved(room, 2)
      for (let n = 0; n < 1000; n++) await roomEvents.append(room, { type: 'caption' })
      t.match(await unsaved.read(room, 1), { lost: true, more: true, events: [{ seq: 6 }] })
    })

    t.test('a saved number above the last is forgotten: the numbers began anew', async (t) => {
      const { unsaved, roomEvents } = await open(t, twin)
      const room = randomUUID()
      await unsaved.saved(room, 40)
      await roomEvents.append(room, { type: 'caption' })
      t.match(await unsaved.read(room, 10), { savedSeq: 0, lost: false, events: [{ seq: 1 }] })
    })
  })
}

t.test('without Redis everything says so, and works on when it is back, empty', async (t) => {
  const redis = await startRedis(t)
  const { unsaved, status } = await openRedisState(t, redis.url)
  await unsaved.mark('a')
  await redis.kill()
  await until(() => status() === 'down')
  const calls = [
    () => unsaved.mark('a'),
    () => unsaved.claim(1),
    () => unsaved.read('a', 1),
    () => unsaved.saved('a', 1),
    () => unsaved.release({ roomId: 'a', claimedAt: 0, until: 1 }),
  ]
  for (const call of calls) await t.rejects(async () => void (await call()), { name: 'StateUnavailableError' })
  await redis.start()
  await until(() => status() === 'up')
  t.same(await unsaved.claim(1), [])
  await unsaved.mark('a')
  await until(async () => (await unsaved.claim(1)).length === 1)
})
