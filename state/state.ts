import type { DailyUse } from './daily-use.ts'
import type { Failures } from './failures.ts'
import type { Limiter } from './limiter.ts'
import type { Presence } from './presence.ts'
import type { Revocations } from './revocations.ts'
import type { RoomEvents } from './room-events.ts'
import type { SharedCache } from './shared-cache.ts'
import type { SocketLeases } from './socket-leases.ts'
import type { Tickets } from './tickets.ts'
import type { Unsaved } from './unsaved.ts'
import type { Ballots, VoteQueue } from './votes.ts'

/** `memory`: one process holds everything. `up`, `down`: how Redis stands. */
export type StateStatus = 'memory' | 'up' | 'down'

/** What processes share besides the database. Each part has a memory twin and a Redis twin with one contract test. */
export interface State {
  readonly limiter: Limiter
  readonly failures: Failures
  readonly revocations: Revocations
  readonly socketLeases: SocketLeases
  readonly presence: Presence
  readonly tickets: Tickets
  readonly roomEvents: RoomEvents
  readonly unsaved: Unsaved
  readonly dailyUse: DailyUse
  readonly sharedCache: SharedCache
  readonly ballots: Ballots
  readonly voteQueue: VoteQueue
  status(): StateStatus
  /** How long Redis takes to answer now, in milliseconds; null without Redis, and while it does not answer. */
  roundTripMs(): Promise<number | null>
  /** Calls the listener when Redis answers again after it was gone. */
  onRecovered(listener: () => void): void
  close(): Promise<void>
}

/** Thrown by a part of the state that cannot answer without Redis. HTTP answers it with 503 SERVICE_UNAVAILABLE. */
export class StateUnavailableError extends Error {
  override readonly name = 'StateUnavailableError'
}

/**
 * Whom a limit, a lease or a token is about. One hash tag in Redis: `{u:<user id>}`, `{g:<participant id>}`, `{k:<API key's id>}`,
 * `{ip:<address or /64>}`.
 */
export type Subject = `u:${string}` | `g:${string}` | `k:${string}` | `ip:${string}`

/** Milliseconds since the epoch. */
export type Clock = () => number
