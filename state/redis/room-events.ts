import { roomChannel, roomEventsKey, roomSeqKey } from '../keys.ts'
import { isComplete } from '../memory/room-events.ts'
import { KEPT_EVENTS, KEPT_MS, type RoomEvent, type RoomEvents, type TransientEvent } from '../room-events.ts'
import type { Clock } from '../state.ts'
import type { Keyspace } from './keyspace.ts'
import { runScript } from './script.ts'

/** A number outlives its events: a room that was quiet goes on counting. */
const NUMBERED_MS = 30 * 86_400_000

/** The numbered logs and the bus, over all processes. */
export function createRedisRoomEvents(options: { keyspace: Keyspace; now?: Clock }): RoomEvents {
  // The wall clock: `at` is compared with times that the database keeps, and read by people.
  const { keyspace, now = Date.now } = options
  const keysOf = (roomId: string) => [roomSeqKey(roomId), roomEventsKey(roomId)]
  const at = () => new Date(now()).toISOString()

  return {
    async append(roomId, event, floor = 0) {
      const stamped = { ...event, seq: undefined, at: at() }
      const args = [JSON.stringify(stamped), floor, roomChannel(roomId), KEPT_EVENTS, KEPT_MS, NUMBERED_MS]
      const name = keyspace.isSharded() ? 'fmAppendSharded' : 'fmAppend'
      const seq = Number(
        await keyspace.run(roomSeqKey(roomId), (redis) => runScript(redis, name, keysOf(roomId), args)),
      )
      return { ...stamped, seq }
    },
    async send(roomId, event) {
      await keyspace.publish(roomChannel(roomId), JSON.stringify({ ...event, seq: undefined, at: at() }))
    },
    async after(roomId, seq) {
      const answer = await keyspace.run(roomSeqKey(roomId), (redis) =>
        runScript(redis, 'fmAfter', keysOf(roomId), [seq]),
      )
      const [lastSeq, entries] = answer as [number, [string, string[]][]]
      const events = entries.map(([, fields]) => JSON.parse(fields[1] ?? '') as RoomEvent)
      return { events, complete: isComplete(events, seq, lastSeq) }
    },
    async lastSeq(roomId) {
      const key = roomSeqKey(roomId)
      return Number((await keyspace.run(key, (redis) => redis.get(key))) ?? 0)
    },
    subscribe: (roomId, listener) =>
      keyspace.subscribe(roomChannel(roomId), (message) => listener(JSON.parse(message) as RoomEvent | TransientEvent)),
  }
}
