import type { Clock, State } from '../state.ts'
import { createMemoryDailyUse } from './daily-use.ts'
import { createMemoryFailures, type FailuresOptions } from './failures.ts'
import { createMemoryLimiter } from './limiter.ts'
import { createMemoryPresence } from './presence.ts'
import { createMemoryRevocations, createRevocationRegistry } from './revocations.ts'
import { createMemoryRoomEvents } from './room-events.ts'
import { createMemorySharedCache } from './shared-cache.ts'
import { createMemorySocketLeases } from './socket-leases.ts'
import { createMemoryTickets } from './tickets.ts'
import { createMemoryUnsaved } from './unsaved.ts'
import { createMemoryVotes } from './votes.ts'

export interface MemoryStateOptions {
  failures: FailuresOptions
  /** See `createMemoryRoomEvents`. */
  eventsBase?: number
  /** For tests. */
  now?: Clock
}

/** The state of a process that shares nothing. */
export function createMemoryState({ failures, eventsBase = 0, now }: MemoryStateOptions): State {
  const clock = now ? { now } : {}
  const registry = createRevocationRegistry(clock)
  const roomEvents = createMemoryRoomEvents({ ...clock, base: eventsBase })
  return {
    limiter: createMemoryLimiter({ ...clock, isRevoked: registry.has }),
    failures: createMemoryFailures({ ...failures, ...clock }),
    revocations: createMemoryRevocations(registry),
    socketLeases: createMemorySocketLeases(clock),
    presence: createMemoryPresence(clock),
    tickets: createMemoryTickets(clock),
    roomEvents,
    unsaved: createMemoryUnsaved({ roomEvents, ...clock }),
    dailyUse: createMemoryDailyUse(clock),
    sharedCache: createMemorySharedCache(clock),
    ...createMemoryVotes(clock),
    status: () => 'memory',
    roundTripMs: async () => null,
    onRecovered: () => undefined,
    close: async () => undefined,
  }
}
