import { socketsKey } from '../keys.ts'
import { createMemorySocketLeases } from '../memory/socket-leases.ts'
import { shareOf } from '../sliding-window.ts'
import { LEASE_MS, type SocketLeases } from '../socket-leases.ts'
import { type Clock, StateUnavailableError, type Subject } from '../state.ts'
import type { Keyspace } from './keyspace.ts'
import type { OnFailure } from './limiter.ts'
import { clockArgument, runScript } from './script.ts'

/** Nobody waits for a renewal, and a lease lives much longer. */
const RENEW_BUDGET_MS = 2000
/** Leases renewed at once: what others ask of Redis meanwhile waits behind no more than these. */
const RENEWED_AT_ONCE = 200
/** What waits to be given back while Redis does not answer; beyond it a lease ends by itself. */
const MAX_OWED = 10_000

/** Leases of sockets over all processes. The process's own are mirrored in memory, for when Redis is down. */
export function createRedisSocketLeases(options: {
  keyspace: Keyspace
  onFailure: OnFailure
  expectedProcesses: number
  now?: Clock
}): SocketLeases {
  const { keyspace, onFailure, expectedProcesses, now } = options
  const clock = clockArgument(now)
  const local = createMemorySocketLeases(now ? { now } : {})
  /** Leases that could not be given back: who holds them in vain could open no socket for a minute. */
  let owed: { subject: Subject; connectionId: string }[] = []

  async function giveBack(subject: Subject, connectionId: string): Promise<void> {
    const key = socketsKey(subject)
    try {
      await keyspace.run(key, (redis) => redis.zrem(key, connectionId))
    } catch {
      if (owed.length < MAX_OWED) owed.push({ subject, connectionId })
    }
  }

  async function giveBackOwed(): Promise<void> {
    const due = owed
    owed = []
    for (let from = 0; from < due.length; from += RENEWED_AT_ONCE) {
      const block = due.slice(from, from + RENEWED_AT_ONCE)
      await Promise.all(block.map(({ subject, connectionId }) => giveBack(subject, connectionId)))
    }
  }

  keyspace.onChange((isUp) => isUp && void giveBackOwed())

  return {
    async acquire(subject, connectionId, max) {
      try {
        const key = socketsKey(subject)
        const args = [clock(), LEASE_MS, connectionId, max]
        const answer = await keyspace.run(key, (redis) => runScript(redis, 'fmAcquireSocket', [key], args))
        if (answer !== 1) return false
        await local.renew([{ subject, connectionId }])
        return true
      } catch (error) {
        if (!(error instanceof StateUnavailableError) || onFailure === 'closed') throw error
        return local.acquire(subject, connectionId, onFailure === 'open' ? Infinity : shareOf(max, expectedProcesses))
      }
    },
    async renew(leases) {
      await local.renew(leases)
      for (let from = 0; from < leases.length; from += RENEWED_AT_ONCE) {
        const bySubject = Map.groupBy(leases.slice(from, from + RENEWED_AT_ONCE), ({ subject }) => subject)
        const renewals = [...bySubject].map(([subject, held]) => {
          const key = socketsKey(subject)
          const args = [clock(), LEASE_MS, ...held.map(({ connectionId }) => connectionId)]
          return keyspace.run(key, (redis) => runScript(redis, 'fmRenewSockets', [key], args), RENEW_BUDGET_MS)
        })
        await Promise.allSettled(renewals)
      }
    },
    async release(subject, connectionId) {
      await local.release(subject, connectionId)
      await giveBack(subject, connectionId)
    },
  }
}
