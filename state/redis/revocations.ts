import { REVOCATIONS_CHANNEL, REVOCATIONS_KEY, revokedKey } from '../keys.ts'
import type { RevocationRegistry } from '../memory/revocations.ts'
import type { Revocation, Revocations } from '../revocations.ts'
import type { Keyspace } from './keyspace.ts'

export interface RedisRevocations extends Revocations {
  /** Learns what was revoked while this process could not hear it, and tells Redis what it does not know. Never throws. */
  synchronise(): Promise<void>
}

/** Nobody waits for a synchronisation: it may take longer than a request's command. */
const SYNCHRONISE_BUDGET_MS = 5000
/** How many of the newest revocations a process reads when it comes back. */
const MAX_READ = 100_000

type Told = Revocation & { readonly ttlMs: number }

/**
 * Revoked sessions over all processes: a key each for the limiter's look-up, a message for the processes that listen, and a sorted
 * set by expiry for those that come back later.
 */
export function createRedisRevocations(keyspace: Keyspace, registry: RevocationRegistry): RedisRevocations {
  keyspace.listen(REVOCATIONS_CHANNEL, (message) => {
    for (const { ttlMs, ...revocation } of JSON.parse(message) as Told[]) registry.learn(revocation, ttlMs)
  })

  async function tell(revocations: readonly Told[], budgetMs?: number): Promise<void> {
    if (revocations.length === 0) return
    await Promise.all(
      revocations.map(({ subject, sessionId, reason, ttlMs }) => {
        const key = revokedKey(subject, sessionId)
        return keyspace.run(key, (redis) => redis.set(key, reason, 'PX', ttlMs), budgetMs)
      }),
    )
    // Only now: what the sorted set holds is taken to be told.
    const scored = revocations.flatMap((told) => [Date.now() + told.ttlMs, memberOf(told)])
    const message = JSON.stringify(revocations)
    await Promise.all([
      keyspace.run(REVOCATIONS_KEY, (redis) => redis.zadd(REVOCATIONS_KEY, ...scored), budgetMs),
      keyspace.run(REVOCATIONS_KEY, (redis) => redis.zremrangebyscore(REVOCATIONS_KEY, '-inf', Date.now()), budgetMs),
      keyspace.publish(REVOCATIONS_CHANNEL, message, budgetMs),
    ])
  }

  async function synchronise(): Promise<void> {
    try {
      const rows = await keyspace.run(
        REVOCATIONS_KEY,
        (redis) => redis.zrevrangebyscore(REVOCATIONS_KEY, '+inf', Date.now(), 'WITHSCORES', 'LIMIT', 0, MAX_READ),
        SYNCHRONISE_BUDGET_MS,
      )
      const told = new Set<string>()
      for (let i = 0; i + 1 < rows.length; i += 2) {
        const revocation = JSON.parse(rows[i] ?? '') as Revocation
        told.add(revocation.sessionId)
        registry.learn(revocation, Number(rows[i + 1]) - Date.now())
      }
      const untold = registry.live().filter(({ sessionId }) => !told.has(sessionId))
      await tell(untold.map(toTold), SYNCHRONISE_BUDGET_MS)
    } catch {
      // Down again: the next recovery synchronises.
    }
  }

  function toTold({ subject, sessionId, reason }: Revocation): Told {
    return { subject, sessionId, reason, ttlMs: Math.max(1, Math.ceil(registry.ttlMs(sessionId))) }
  }

  return {
    async revoke(revocations, ttlMs) {
      for (const revocation of revocations) registry.learn(revocation, ttlMs)
      // Known here whatever happens; `synchronise` tells the others later.
      await tell(revocations.map(toTold)).catch(() => undefined)
    },
    async isRevoked(subject, sessionId) {
      if (registry.has(sessionId)) return true
      const key = revokedKey(subject, sessionId)
      return (await keyspace.run(key, (redis) => redis.exists(key))) === 1
    },
    isRevokedLocally: registry.has,
    onRevoked: registry.onRevoked,
    synchronise,
  }
}

const memberOf = ({ subject, sessionId, reason }: Revocation): string => JSON.stringify({ subject, sessionId, reason })
