import { steadyClock } from '../clock.ts'
import { LEASE_MS, type SocketLeases } from '../socket-leases.ts'
import type { Clock } from '../state.ts'
import { createBoundedMap } from './bounded-map.ts'

/** Leases of sockets, within one process. */
export function createMemorySocketLeases({ now = steadyClock }: { now?: Clock } = {}): SocketLeases {
  /** Lists and no maps: there are as many subjects as sockets, and nearly every one has a single socket. */
  const subjects = createBoundedMap<readonly Lease[]>((leases) => leases.every(({ expiresAt }) => expiresAt <= now()))

  function leasesOf(subject: string): readonly Lease[] {
    const at = now()
    return (subjects.get(subject) ?? []).filter(({ expiresAt }) => expiresAt > at)
  }

  function hold(subject: string, connectionId: string): void {
    const others = leasesOf(subject).filter((lease) => lease.connectionId !== connectionId)
    subjects.set(subject, others.concat({ connectionId, expiresAt: now() + LEASE_MS }))
  }

  return {
    async acquire(subject, connectionId, max) {
      const leases = leasesOf(subject)
      if (leases.length >= max && !leases.some((lease) => lease.connectionId === connectionId)) return false
      hold(subject, connectionId)
      return true
    },
    async renew(leases) {
      for (const { subject, connectionId } of leases) hold(subject, connectionId)
    },
    async release(subject, connectionId) {
      const others = leasesOf(subject).filter((lease) => lease.connectionId !== connectionId)
      if (others.length > 0) subjects.set(subject, others)
      else subjects.delete(subject)
    },
  }
}

interface Lease {
  readonly connectionId: string
  readonly expiresAt: number
}
