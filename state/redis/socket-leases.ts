import { socketsKey } from '../keys.ts'
import { createMemorySocketLeases } from '../memory/socket-leases.ts'
import { shareOf } from '../sliding-window.ts'
import { LEASE_MS, type SocketLeases } from '../socket-leases.ts'
import { type Clock, StateUnavailableError } from '../state.ts'
import type { Connection } from './connection.ts'
import type { OnFailure } from './limiter.ts'
import { clockArgument, defineScript } from './script.ts'
import { ACQUIRE, RENEW } from './scripts/leases.ts'

/** Nobody waits for a renewal, and a lease lives much longer. */
const RENEW_BUDGET_MS = 2000

/** Leases of sockets over all processes. The process's own are mirrored in memory, for when Redis is down. */
export function createRedisSocketLeases(options: {
  connection: Connection
  onFailure: OnFailure
  expectedProcesses: number
  now?: Clock
}): SocketLeases {
  const { connection, onFailure, expectedProcesses, now } = options
  const { redis } = connection
  const acquireScript = defineScript(redis, 'fmAcquireSocket', ACQUIRE)
  const renewScript = defineScript(redis, 'fmRenewSockets', RENEW)
  const clock = clockArgument(now)
  const local = createMemorySocketLeases(now ? { now } : {})

  return {
    async acquire(subject, connectionId, max) {
      try {
        const args = [clock(), LEASE_MS, connectionId, max]
        if ((await connection.run(() => acquireScript([socketsKey(subject)], args))) !== 1) return false
        await local.renew([{ subject, connectionId }])
        return true
      } catch (error) {
        if (!(error instanceof StateUnavailableError) || onFailure === 'closed') throw error
        return local.acquire(subject, connectionId, onFailure === 'open' ? Infinity : shareOf(max, expectedProcesses))
      }
    },
    async renew(leases) {
      await local.renew(leases)
      const bySubject = Map.groupBy(leases, ({ subject }) => subject)
      const renewals = () =>
        [...bySubject].map(([subject, held]) =>
          renewScript([socketsKey(subject)], [clock(), LEASE_MS, ...held.map(({ connectionId }) => connectionId)]),
        )
      await connection.run(() => Promise.all(renewals()), RENEW_BUDGET_MS).catch(() => undefined)
    },
    async release(subject, connectionId) {
      await local.release(subject, connectionId)
      // When it fails the lease ends by itself.
      await connection.run(() => redis.zrem(socketsKey(subject), connectionId)).catch(() => undefined)
    },
  }
}
