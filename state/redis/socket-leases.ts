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
  /** Leases that could not be given back, and until when they stand: who holds them in vain lacks places. */
  let owed: { subject: Subject; connectionId: string; until: number }[] = []
  /** For each renewal under way what was given back meanwhile. */
  const renewing = new Set<Set<string>>()

  async function giveBack(subject: Subject, connectionId: string, until: number): Promise<void> {
    const key = socketsKey(subject)
    try {
      await keyspace.run(key, (redis) => redis.zrem(key, connectionId))
    } catch {
      if (owed.length < MAX_OWED) owed.push({ subject, connectionId, until })
    }
  }

  async function giveBackOwed(): Promise<void> {
    const due = owed.filter(({ until }) => until > performance.now())
    owed = []
    for (let from = 0; from < due.length; from += RENEWED_AT_ONCE) {
      const block = due.slice(from, from + RENEWED_AT_ONCE)
      await Promise.all(block.map(({ subject, connectionId, until }) => giveBack(subject, connectionId, until)))
    }
  }

  async function renewAll(leases: Parameters<SocketLeases['renew']>[0], gone: ReadonlySet<string>): Promise<void> {
    for (let from = 0; from < leases.length; from += RENEWED_AT_ONCE) {
      const block = leases.slice(from, from + RENEWED_AT_ONCE).filter(({ connectionId }) => !gone.has(connectionId))
      const sent = [...Map.groupBy(block, ({ subject }) => subject)].map(([subject, held]) => {
        const key = socketsKey(subject)
        const args = [clock(), LEASE_MS, ...held.map(({ connectionId }) => connectionId)]
        return keyspace.run(key, (redis) => runScript(redis, 'fmRenewSockets', [key], args), RENEW_BUDGET_MS)
      })
      await Promise.allSettled(sent)
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
      const gone = new Set<string>()
      renewing.add(gone)
      await renewAll(leases, gone).finally(() => renewing.delete(gone))
      await giveBackOwed()
    },
    async release(subject, connectionId) {
      await local.release(subject, connectionId)
      for (const gone of renewing) gone.add(connectionId)
      await giveBack(subject, connectionId, performance.now() + LEASE_MS)
    },
  }
}
