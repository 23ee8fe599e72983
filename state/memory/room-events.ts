import { steadyClock } from '../clock.ts'
import {
  KEPT_EVENTS,
  KEPT_MS,
  type RoomEvent,
  type RoomEvents,
  type RoomListener,
  type TransientEvent,
} from '../room-events.ts'
import type { Clock } from '../state.ts'
import { createBoundedMap } from './bounded-map.ts'

interface Log {
  /** The number before the first. */
  base: number
  seq: number
  events: RoomEvent[]
  lastAt: number
}

/** How long a quiet room keeps its number: as in Redis, much longer than its events. */
const NUMBERED_MS = 30 * 86_400_000

export interface MemoryRoomEventsOptions {
  now?: Clock
  /** Hears of a listener that threw. */
  onError?: (error: unknown) => void
  /**
   * The number that a new log begins after: higher than any that a process before this one gave, so that a client that saw those is
   * told that they are gone, and does not take new events for old ones.
   */
  base?: number
}

/** The numbered logs and the bus, within one process. */
export function createMemoryRoomEvents(options: MemoryRoomEventsOptions = {}): RoomEvents {
  const { now = steadyClock, onError, base = 0 } = options
  // `at` is compared with times that the database keeps, and read by people.
  const wallClock = options.now ?? Date.now
  const logs = createBoundedMap<Log>(({ lastAt }) => lastAt + NUMBERED_MS <= now())
  const rooms = new Map<string, Set<RoomListener>>()

  function logOf(roomId: string): Log | undefined {
    const log = logs.get(roomId)
    if (log && log.lastAt + KEPT_MS <= now()) log.events = []
    return log
  }

  // Later, and in order: a listener that appends must not get ahead of the others.
  function publish(roomId: string, event: RoomEvent | TransientEvent): void {
    queueMicrotask(() => {
      for (const listener of [...(rooms.get(roomId) ?? [])]) {
        try {
          listener(event)
        } catch (error) {
          onError?.(error)
        }
      }
    })
  }

  const stamp = () => new Date(wallClock()).toISOString()

  return {
    async append(roomId, event, floor = 0) {
      const first = Math.max(base, floor)
      const log = logOf(roomId) ?? { base: first, seq: first, events: [], lastAt: 0 }
      log.seq = Math.max(log.seq, floor) + 1
      log.lastAt = now()
      // A copy, as it would come back from Redis: what the caller changes later does not change history.
      const kept: RoomEvent = JSON.parse(JSON.stringify({ ...event, seq: log.seq, at: stamp() }))
      log.events.push(kept)
      if (log.events.length > KEPT_EVENTS) log.events.shift()
      logs.set(roomId, log)
      publish(roomId, kept)
      return kept
    },
    async send(roomId, event) {
      publish(roomId, JSON.parse(JSON.stringify({ ...event, seq: undefined, at: stamp() })))
    },
    async after(roomId, seq) {
      const log = logOf(roomId)
      const events = (log?.events ?? []).filter((event) => event.seq > seq)
      // After 0 is from the beginning, wherever that is.
      const from = seq === 0 ? (log?.base ?? 0) : seq
      return { events, complete: isComplete(events, from, log?.seq ?? 0) }
    },
    lastSeq: async (roomId) => logs.get(roomId)?.seq ?? 0,
    async subscribe(roomId, listener) {
      const listeners = rooms.get(roomId) ?? new Set()
      rooms.set(roomId, listeners.add(listener))
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0 && rooms.get(roomId) === listeners) rooms.delete(roomId)
      }
    },
  }
}

/** Whether the events kept after `seq` are all there were. */
export function isComplete(events: readonly RoomEvent[], seq: number, lastSeq: number): boolean {
  const [first] = events
  return first ? first.seq === seq + 1 && events.length === lastSeq - seq : lastSeq === seq
}
