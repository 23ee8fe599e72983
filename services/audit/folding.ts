import { LRUCache } from 'lru-cache'

const MINUTE_MS = 60_000
/** What is remembered to be folded, and what is let through in a minute. */
const REMEMBERED = 10_000
const A_MINUTE = 300

export interface Folded {
  /** How many of the same were not let through since the last one that was. */
  repeated: number
  /** How many of any kind were not let through, because there were too many. */
  dropped: number
}

export type Folding = ReturnType<typeof createFolding>

/**
 * Keeps strangers from filling the trail: of the same thing one in a minute is let through, and in all so many a minute. What was held back
 * is counted, and said with what comes next.
 */
export function createFolding({ now, perMinute = A_MINUTE }: { now: () => Date; perMinute?: number }) {
  const seen = new LRUCache<string, { until: number; repeated: number }>({ max: REMEMBERED })
  let minute = { until: 0, passed: 0 }
  let dropped = 0

  return {
    /** Null: held back. */
    admit(key: string): Folded | null {
      const at = now().getTime()
      const before = seen.get(key)
      if (before && before.until > at) {
        before.repeated++
        return null
      }
      if (minute.until <= at) minute = { until: at + MINUTE_MS, passed: 0 }
      if (minute.passed >= perMinute) {
        dropped++
        return null
      }
      minute.passed++
      seen.set(key, { until: at + MINUTE_MS, repeated: 0 })
      const folded = { repeated: before?.repeated ?? 0, dropped }
      dropped = 0
      return folded
    },

    /** It could not be written after all: the next of its kind is let through. */
    forget: (key: string): void => void seen.delete(key),
  }
}
