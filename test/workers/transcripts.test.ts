import t from 'tap'
import { DatabaseUnavailableError } from '../../repositories/database.ts'
import { createRecordedRoomEvents } from '../../services/transcripts/recorded-events.ts'
import type { RoomEvent } from '../../state/room-events.ts'
import type { State } from '../../state/state.ts'
import { createTranscriptWorker } from '../../workers/transcripts.ts'
import { startRedis } from '../support/redis.ts'
import { openRedisState, silentLogger, type Twin, twins, until } from '../support/states.ts'

type Write = Parameters<typeof createTranscriptWorker>[0]['write']

/** A process: its worker, and the room events that it appends to. */
function processOn(t: Parameters<Twin['open']>[0], state: State, write: Write) {
  const worker = createTranscriptWorker({ state, write, log: silentLogger })
  t.teardown(() => worker.close())
  const roomEvents = createRecordedRoomEvents(state.roomEvents, worker)
  return { worker, say: (room: string, n: number) => roomEvents.append(room, { type: 'caption', n }), roomEvents }
}

/** A database in memory that can be taken away. */
function store() {
  const rows = new Map<string, unknown>()
  const calls: number[] = []
  let isAway = false
  return {
    rows: () => [...rows.values()],
    calls,
    setAway(away: boolean) {
      isAway = away
    },
    async write(room: string, events: readonly RoomEvent[]) {
      calls.push(events.length)
      if (isAway) throw new DatabaseUnavailableError('away')
      for (const { type, seq, n } of events) if (type === 'caption') rows.set(`${room} ${seq}`, n)
    },
  }
}

for (const twin of twins(t).filter(({ name }) => name !== 'cluster')) {
  t.test(twin.name, async (t) => {
    // A Redis of the test's own: a worker would save what others left behind.
    const open = async (t: Parameters<Twin['open']>[0]) =>
      twin.name === 'memory' ? twin.open(t) : openRedisState(t, (await startRedis(t)).url)

    t.test('what is said together is saved together, without being asked', async (t) => {
      const database = store()
      const { say, roomEvents } = processOn(t, await open(t), database.write)
      await Promise.all([say('a', 1), say('a', 2), roomEvents.append('a', { type: 'participant.joined' }), say('b', 3)])
      await until(() => database.rows().length === 3)
      t.same(database.rows().toSorted(), [1, 2, 3])
      t.same(database.calls.toSorted(), [1, 3])
      await say('a', 4)
      await until(() => database.rows().length === 4)
      t.equal(database.calls.at(-1), 1, 'what was saved is not read again')
    })

    t.test('the end of a room saves it at once', async (t) => {
      const database = store()
      const { say, roomEvents, worker } = processOn(t, await open(t), database.write)
      await say('a', 1)
      await roomEvents.append('a', { type: 'room.ended' })
      await worker.saveNow('a')
      t.same(database.rows(), [1])
    })

    t.test('while the database is away people speak on; when it is back nothing is missing', async (t) => {
      const database = store()
      const { say, worker } = processOn(t, await open(t), database.write)
      database.setAway(true)
      for (let n = 0; n < 450; n++) await say('a', n)
      await worker.saveNow('a')
      t.same(database.rows(), [])
      database.setAway(false)
      await worker.saveNow('a')
      t.equal(database.rows().length, 450)
      t.ok(Math.max(...database.calls) <= 200, 'in bounded batches')
    })

    t.test('an event that cannot be written does not keep back the others', async (t) => {
      const database = store()
      const { say, worker } = processOn(t, await open(t), async (room, events) => {
        if (events.some(({ n }) => n === 2)) throw new Error('cannot be written')
        await database.write(room, events)
      })
      for (const n of [1, 2, 3]) await say('a', n)
      await worker.saveNow('a')
      t.same(database.rows(), [1, 3])
      await say('a', 4)
      await worker.saveNow('a')
      t.same(database.rows(), [1, 3, 4])
    })

    t.test('a process that ends saves what was said at it', async (t) => {
      const database = store()
      const { say, worker } = processOn(t, await open(t), database.write)
      await say('a', 1)
      await say('b', 2)
      await worker.close()
      t.same(database.rows().toSorted(), [1, 2])
      await worker.close()
    })
  })
}

t.test('what a dead process did not save, another does', async (t) => {
  const { url } = await startRedis(t)
  const database = store()
  const [here, there] = [await openRedisState(t, url), await openRedisState(t, url)]
  processOn(t, there, database.write)
  // A process whose database calls never end, as one that is killed in the middle of them.
  const dead = createTranscriptWorker({ state: here, write: () => new Promise(() => undefined), log: silentLogger })
  t.teardown(() => here.close())
  await createRecordedRoomEvents(here.roomEvents, dead).append('a', { type: 'caption', n: 1 })
  await until(() => database.rows().length === 1)
  t.same(database.rows(), [1])
})

t.test('a caption is said although it could not be marked, and is saved all the same', async (t) => {
  const database = store()
  const [twin] = twins(t)
  const state = await twin?.open(t)
  if (!state) throw new Error('no twin')
  const unmarkable = { ...state.unsaved, mark: () => Promise.reject(new Error('not now')) }
  const { say } = processOn(t, { ...state, unsaved: unmarkable }, database.write)
  await say('a', 1)
  await until(() => database.rows().length === 1)
  t.same(database.rows(), [1])
})

t.test('when Redis came back empty, what is said from then on is saved', async (t) => {
  const redis = await startRedis(t)
  const state = await openRedisState(t, redis.url)
  const database = store()
  const { say } = processOn(t, state, database.write)
  await say('a', 1)
  await until(() => database.rows().length === 1)
  await redis.kill()
  await until(() => state.status() === 'down')
  await t.rejects(say('a', 2), { name: 'StateUnavailableError' }, 'it was not accepted')
  await redis.start()
  await until(() => state.status() === 'up')
  const { seq } = await state.roomEvents.append('a', { type: 'participant.updated' }, 1)
  t.equal(seq, 2)
  await say('a', 3)
  await until(() => database.rows().length === 2)
  t.same(database.rows(), [1, 3])
})
