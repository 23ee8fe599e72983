import { limitKey, revokedKey } from '../keys.ts'
import type { Admission, Limit, Limiter, Verdict } from '../limiter.ts'
import { createMemoryLimiter } from '../memory/limiter.ts'
import { kindOf, shareOf } from '../sliding-window.ts'
import { type Clock, StateUnavailableError } from '../state.ts'
import type { Keyspace } from './keyspace.ts'
import { clockArgument, runScript, type ScriptArgument } from './script.ts'

/** What a process does that cannot ask Redis: its own share of each limit, everything, or nothing. */
export type OnFailure = 'local' | 'open' | 'closed'

export interface RedisLimiterOptions {
  keyspace: Keyspace
  onFailure: OnFailure
  /** Over how many processes the limits are spread while each decides on its own. */
  expectedProcesses: number
  isRevokedLocally: (sessionId: string) => boolean
  now?: Clock
}

/** The strict sliding window over all processes: one round trip an admission. While Redis is down the process decides by itself. */
export function createRedisLimiter(options: RedisLimiterOptions): Limiter {
  const { keyspace, onFailure, expectedProcesses, isRevokedLocally, now } = options
  const clock = clockArgument(now)
  const local = createMemoryLimiter({ ...(now ? { now } : {}), isRevoked: isRevokedLocally })
  const shares = new WeakMap<Limit, Limit>()

  function shareOfLimit(limit: Limit): Limit {
    const known = shares.get(limit)
    if (known) return known
    const share = { ...limit, max: shareOf(limit.max, expectedProcesses) }
    shares.set(limit, share)
    return share
  }

  async function ask({ limits, subject, sessionId }: Admission): Promise<Verdict> {
    const keys: string[] = []
    const args: ScriptArgument[] = [clock()]
    for (const limit of limits) {
      keys.push(limitKey(subject, limit.name, kindOf(limit)))
      args.push(limit.max, limit.windowMs)
    }
    if (sessionId !== undefined) keys.push(revokedKey(subject, sessionId))
    const [key = ''] = keys
    const answer = await keyspace.run(key, (redis) => runScript(redis, 'fmAdmit', keys, args))
    const [admitted, picked, remaining, resetMs, revoked] = answer as [number, number, number, number, number]
    const limit = limits[picked - 1]
    if (!limit) throw new TypeError('an admission needs a limit')
    const isRevoked = revoked === 1 || (sessionId !== undefined && isRevokedLocally(sessionId))
    return { admitted: admitted === 1, limit, remaining, resetMs, revoked: isRevoked, degraded: false }
  }

  function decideAlone(admission: Admission): Verdict {
    const { limits, sessionId } = admission
    const [first] = limits
    if (onFailure === 'local' || !first)
      return { ...local.decide({ ...admission, limits: limits.map(shareOfLimit) }), degraded: true }
    const revoked = sessionId !== undefined && isRevokedLocally(sessionId)
    return { admitted: true, limit: first, remaining: first.max, resetMs: 0, revoked, degraded: true }
  }

  return {
    async admit(admission) {
      try {
        return await ask(admission)
      } catch (error) {
        if (!(error instanceof StateUnavailableError) || onFailure === 'closed') throw error
        return decideAlone(admission)
      }
    },
  }
}
