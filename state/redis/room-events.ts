import { roomChannel, roomEventsKey, roomSeqKey } from '../keys.ts'
import { isComplete } from '../memory/room-events.ts'
import { KEPT_EVENTS, KEPT_MS, type RoomEvent, type RoomEvents, type TransientEvent } from '../room-events.ts'
import type { Clock } from '../state.ts'
import type { Connection } from './connection.ts'
import { defineScript } from './script.ts'
import { AFTER, APPEND } from './scripts/room-events.ts'
import type { Subscriber } from './subscriber.ts'

/** A number outlives its events: a room that was quiet goes on counting. */
const NUMBERED_MS = 30 * 86_400_000

/** The numbered logs and the bus, over all processes. */
export function createRedisRoomEvents(options: {
  connection: Connection
  subscriber: Subscriber
  now?: Clock
}): RoomEvents {
  // The wall clock: `at` is compared with times that the database keeps, and read by people.
  const { connection, subscriber, now = Date.now } = options
  const { redis, run } = connection
  const append = defineScript(redis, 'fmAppend', APPEND)
  const after = defineScript(redis, 'fmAfter', AFTER)
  const keysOf = (roomId: string) => [roomSeqKey(roomId), roomEventsKey(roomId)]
  const stamped = (event: object) => JSON.stringify({ ...event, seq: undefined, at: new Date(now()).toISOString() })

  return {
    async append(roomId, event, floor = 0) {
      const json = stamped(event)
      const args = [json, floor, roomChannel(roomId), KEPT_EVENTS, KEPT_MS, NUMBERED_MS]
      const seq = Number(await run(() => append(keysOf(roomId), args)))
      return { ...JSON.parse(json), seq } as RoomEvent
    },
    async send(roomId, event) {
      await run(() => redis.publish(roomChannel(roomId), stamped(event)))
    },
    async after(roomId, seq) {
      const [lastSeq, entries] = (await run(() => after(keysOf(roomId), [seq]))) as [number, [string, string[]][]]
      const events = entries.map(([, fields]) => JSON.parse(fields[1] ?? '') as RoomEvent)
      return { events, complete: isComplete(events, seq, lastSeq) }
    },
    lastSeq: async (roomId) => Number((await run(() => redis.get(roomSeqKey(roomId)))) ?? 0),
    subscribe: (roomId, listener) =>
      subscriber.subscribe(roomChannel(roomId), (message) =>
        listener(JSON.parse(message) as RoomEvent | TransientEvent),
      ),
  }
}
