import { randomUUID } from 'node:crypto'
import t from 'tap'
import { createMemoryRoomEvents } from '../../state/memory/room-events.ts'
import { KEPT_EVENTS, type RoomEvent, type TransientEvent } from '../../state/room-events.ts'
import { startRedis } from '../support/redis.ts'
import { openRedisState, twins, until } from '../support/states.ts'

type Heard = (RoomEvent | TransientEvent)[]

for (const twin of twins(t)) {
  t.test(twin.name, async (t) => {
    t.test('numbers events by one, and listeners get them in that order', async (t) => {
      const { roomEvents } = await twin.open(t)
      const room = randomUUID()
      const heard: Heard = []
      await roomEvents.subscribe(room, (event) => heard.push(event))
      const made = await Promise.all(
        Array.from({ length: 50 }, (_, n) => roomEvents.append(room, { type: 'caption', n, text: 'Grüße "🙂"\n' })),
      )
      await until(() => heard.length === 50)
      t.same(
        made.map(({ seq }) => seq).toSorted((a, b) => a - b),
        Array.from({ length: 50 }, (_, i) => i + 1),
      )
      t.same(
        heard,
        made.toSorted((a, b) => a.seq - b.seq),
      )
      t.match(heard[0], { type: 'caption', text: 'Grüße "🙂"\n', at: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/ })
      t.equal(await roomEvents.lastSeq(room), 50)
      t.equal(await roomEvents.lastSeq(randomUUID()), 0)
    })

    t.test('gives what came after a number, and says when some is no longer kept', async (t) => {
      const { roomEvents } = await twin.open(t)
      const room = randomUUID()
      t.same(await roomEvents.after(room, 0), { events: [], complete: true })
      for (let n = 0; n < KEPT_EVENTS + 5; n++) await roomEvents.append(room, { type: 'x' })
      const { events, complete } = await roomEvents.after(room, KEPT_EVENTS)
      t.same([events.map(({ seq }) => seq - KEPT_EVENTS), complete], [[1, 2, 3, 4, 5], true])
      t.match(await roomEvents.after(room, 4), { complete: false })
      t.equal((await roomEvents.after(room, 5)).events.length, KEPT_EVENTS)
      t.equal((await roomEvents.after(room, 5)).complete, true)
      t.same(await roomEvents.after(room, KEPT_EVENTS + 5), { events: [], complete: true })
      t.match(await roomEvents.after(room, KEPT_EVENTS + 99), { complete: false }, 'numbers were lost')
    })

    t.test('numbers never fall below the floor', async (t) => {
      const { roomEvents } = await twin.open(t)
      const room = randomUUID()
      t.equal((await roomEvents.append(room, { type: 'x' }, 41)).seq, 42)
      t.equal((await roomEvents.append(room, { type: 'x' }, 7)).seq, 43)
    })

    t.test('what is only sent has no number and is not kept', async (t) => {
      const { roomEvents } = await twin.open(t)
      const room = randomUUID()
      const heard: Heard = []
      await roomEvents.subscribe(room, (event) => heard.push(event))
      await roomEvents.send(room, { type: 'caption', final: false })
      await until(() => heard.length === 1)
      t.match(heard, [{ type: 'caption', final: false, at: String }])
      t.notOk(heard[0] && 'seq' in heard[0])
      t.same(await roomEvents.after(room, 0), { events: [], complete: true })
    })

    t.test('who unsubscribes hears no more; others, and later ones, do', async (t) => {
      const { roomEvents } = await twin.open(t)
      const room = randomUUID()
      const [first, second, third]: [Heard, Heard, Heard] = [[], [], []]
      const stopFirst = await roomEvents.subscribe(room, (event) => first.push(event))
      const stopSecond = await roomEvents.subscribe(room, (event) => second.push(event))
      stopFirst()
      await roomEvents.append(room, { type: 'x' })
      await until(() => second.length === 1)
      stopSecond()
      await roomEvents.subscribe(room, (event) => third.push(event))
      await roomEvents.append(room, { type: 'x' })
      await until(() => third.length === 1)
      t.same([first.length, second.length, third.map(({ seq }) => seq)], [0, 1, [2]])
    })
  })
}

t.test('reaches every process, and again by itself after Redis was gone', async (t) => {
  const redis = await startRedis(t)
  const [one, other] = await Promise.all([openRedisState(t, redis.url), openRedisState(t, redis.url)])
  const room = randomUUID()
  const heard: Heard = []
  await other.roomEvents.subscribe(room, (event) => heard.push(event))
  const { seq } = await one.roomEvents.append(room, { type: 'x' })
  await until(() => heard.length === 1)
  let recoveries = 0
  other.onRecovered(() => recoveries++)
  await redis.kill()
  await until(() => one.status() === 'down' && other.status() === 'down')
  await t.rejects(one.roomEvents.append(room, { type: 'x' }), { name: 'StateUnavailableError' })
  await t.rejects(
    one.roomEvents.subscribe(room, () => undefined),
    { name: 'StateUnavailableError' },
  )
  await redis.start()
  await until(() => recoveries === 1 && one.status() === 'up')
  await one.roomEvents.append(room, { type: 'x' }, seq)
  await until(() => heard.length === 2)
  t.same(
    heard.map(({ seq }) => seq),
    [1, 2],
  )
})

t.test('a process that starts anew gives numbers that none before it gave', async (t) => {
  const room = randomUUID()
  const before = createMemoryRoomEvents({ base: 1000 })
  const { seq: seen } = await before.append(room, { type: 'x' })
  const anew = createMemoryRoomEvents({ base: 2000 })
  const first = await anew.append(room, { type: 'x' })
  t.ok(first.seq > seen)
  t.equal((await anew.after(room, seen)).complete, false, 'whoever saw the old ones is told')
  t.same(await anew.after(room, 0), { events: [first], complete: true }, 'and gets what there is from the beginning')
})
