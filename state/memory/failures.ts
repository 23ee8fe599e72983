import { steadyClock } from '../clock.ts'
import type { Failures } from '../failures.ts'
import type { Clock } from '../state.ts'
import { createBoundedMap } from './bounded-map.ts'

export interface FailuresOptions {
  /** How many tries may fail within the window. */
  max: number
  windowMs: number
}

/** Failed tries, within one process. */
export function createMemoryFailures(options: FailuresOptions & { now?: Clock }): Failures {
  const { max, windowMs, now: clock = steadyClock } = options
  const pairs = createBoundedMap<number[]>((times) => (times.at(-1) ?? 0) + windowMs <= clock())

  return {
    async attempt(pair) {
      const now = clock()
      let times = pairs.get(pair) ?? []
      if (times.length >= max) {
        const retryAfterMs = Math.ceil((times.at(-1) ?? 0) + windowMs - now)
        if (retryAfterMs > 0) return { allowed: false, retryAfterMs }
        times = []
      }
      const recent = times.filter((time) => time + windowMs > now)
      recent.push(now)
      pairs.set(pair, recent)
      return { allowed: true, retryAfterMs: 0 }
    },
    async succeed(pair) {
      pairs.delete(pair)
    },
  }
}
