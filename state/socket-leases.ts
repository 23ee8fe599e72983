import type { Subject } from './state.ts'

/** How long a lease lives without renewal. A process that dies gives its places back within this time. */
export const LEASE_MS = 60_000

/** Concurrent sockets of one subject over all processes, as leases that the holder renews. */
export interface SocketLeases {
  /** True when the subject holds fewer than `max` live leases, and now one more. Falls back to this process's own when Redis is down. */
  acquire(subject: Subject, connectionId: string, max: number): Promise<boolean>
  /** Renews; also re-adds a lease that Redis lost. Never throws. */
  renew(leases: readonly { subject: Subject; connectionId: string }[]): Promise<void>
  release(subject: Subject, connectionId: string): Promise<void>
}
