import { steadyClock } from '../clock.ts'
import { DAY_MS, type DailyUse } from '../daily-use.ts'
import type { Clock } from '../state.ts'
import { createBoundedMap } from './bounded-map.ts'

/** What each subject uses in a day, within one process. */
export function createMemoryDailyUse({ now: clock = steadyClock }: { now?: Clock } = {}): DailyUse {
  const dayOf = (at: number) => Math.floor(at / DAY_MS)
  const uses = createBoundedMap<{ day: number; used: number }>(({ day }) => day < dayOf(clock()))

  return {
    async take({ subject, kind, amount, max }) {
      const now = clock()
      const day = dayOf(now)
      const key = `${subject} ${kind}`
      const known = uses.get(key)
      const used = known?.day === day ? known.used : 0
      const allowed = used + amount <= max
      if (allowed) uses.set(key, { day, used: used + amount })
      return {
        allowed,
        left: Math.max(0, max - used - (allowed ? amount : 0)),
        resetMs: Math.ceil((day + 1) * DAY_MS - now),
      }
    },
  }
}
