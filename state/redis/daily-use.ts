import type { DailyUse } from '../daily-use.ts'
import { dailyUseKey } from '../keys.ts'
import { createMemoryDailyUse } from '../memory/daily-use.ts'
import { shareOf } from '../sliding-window.ts'
import { type Clock, StateUnavailableError } from '../state.ts'
import type { Keyspace } from './keyspace.ts'
import type { OnFailure } from './limiter.ts'
import { clockArgument, runScript } from './script.ts'

export interface RedisDailyUseOptions {
  keyspace: Keyspace
  onFailure: OnFailure
  expectedProcesses: number
  now?: Clock
}

/**
 * What each subject uses in a day, over all processes. While Redis is down each process counts against its own share (`open`: against
 * nothing; `closed`: throws StateUnavailableError).
 */
export function createRedisDailyUse(options: RedisDailyUseOptions): DailyUse {
  const { keyspace, onFailure, expectedProcesses, now } = options
  const clock = clockArgument(now)
  const local = createMemoryDailyUse(now ? { now } : {})

  return {
    async take(use) {
      const { subject, kind, amount, max } = use
      try {
        const key = dailyUseKey(subject, kind)
        const answer = await keyspace.run(key, (redis) =>
          runScript(redis, 'fmTakeDaily', [key], [clock(), amount, max]),
        )
        const [allowed, left, resetMs] = answer as [number, number, number]
        return { allowed: allowed === 1, left, resetMs }
      } catch (error) {
        if (!(error instanceof StateUnavailableError) || onFailure === 'closed') throw error
        if (onFailure === 'open') return { allowed: true, left: max, resetMs: 0 }
        return local.take({ ...use, max: shareOf(max, expectedProcesses) })
      }
    },
  }
}
