import { steadyClock } from '../clock.ts'
import { LEASE_MS, type SocketLeases } from '../socket-leases.ts'
import type { Clock } from '../state.ts'
import { createBoundedMap } from './bounded-map.ts'

/** Leases of sockets, within one process. */
export function createMemorySocketLeases({ now = steadyClock }: { now?: Clock } = {}): SocketLeases {
  const subjects = createBoundedMap<Map<string, number>>((leases) => prune(leases).size === 0)

  function prune(leases: Map<string, number>): Map<string, number> {
    for (const [connectionId, expiresAt] of leases) if (expiresAt <= now()) leases.delete(connectionId)
    return leases
  }

  function leasesOf(subject: string): Map<string, number> {
    const known = subjects.get(subject)
    if (known) return prune(known)
    const leases = new Map<string, number>()
    subjects.set(subject, leases)
    return leases
  }

  return {
    async acquire(subject, connectionId, max) {
      const leases = leasesOf(subject)
      if (!leases.has(connectionId) && leases.size >= max) return false
      leases.set(connectionId, now() + LEASE_MS)
      return true
    },
    async renew(leases) {
      for (const { subject, connectionId } of leases) leasesOf(subject).set(connectionId, now() + LEASE_MS)
    },
    async release(subject, connectionId) {
      const leases = subjects.get(subject)
      leases?.delete(connectionId)
      if (leases?.size === 0) subjects.delete(subject)
    },
  }
}
