import type { Failures } from '../failures.ts'
import { failuresKey } from '../keys.ts'
import { createMemoryFailures, type FailuresOptions } from '../memory/failures.ts'
import { shareOf } from '../sliding-window.ts'
import { type Clock, StateUnavailableError } from '../state.ts'
import { digestOf } from '../ticket-digest.ts'
import type { Keyspace } from './keyspace.ts'
import type { OnFailure } from './limiter.ts'
import { clockArgument, runScript } from './script.ts'

/** Failed tries over all processes. While Redis is down each process counts its own share (`closed`: throws StateUnavailableError). */
export function createRedisFailures(
  options: FailuresOptions & { keyspace: Keyspace; onFailure: OnFailure; expectedProcesses: number; now?: Clock },
): Failures {
  const { keyspace, max, windowMs, onFailure, expectedProcesses, now } = options
  const clock = clockArgument(now)
  const local = createMemoryFailures({ max: shareOf(max, expectedProcesses), windowMs, ...(now ? { now } : {}) })

  return {
    async attempt(pair) {
      try {
        const key = failuresKey(digestOf(pair))
        const args = [clock(), max, windowMs]
        const wait = Number(await keyspace.run(key, (redis) => runScript(redis, 'fmAttempt', [key], args)))
        return { allowed: wait === 0, retryAfterMs: wait }
      } catch (error) {
        if (!(error instanceof StateUnavailableError) || onFailure === 'closed') throw error
        return local.attempt(pair)
      }
    },
    async succeed(pair) {
      await local.succeed(pair)
      // When it fails the pair waits as if it had failed: no reason to refuse the sign-in that succeeded.
      const key = failuresKey(digestOf(pair))
      await keyspace.run(key, (redis) => redis.del(key)).catch(() => undefined)
    },
  }
}
