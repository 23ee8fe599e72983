import { steadyClock } from '../clock.ts'
import type { Admission, Limit, Limiter, Verdict } from '../limiter.ts'
import { LOG_MAX } from '../sliding-window.ts'
import type { Clock } from '../state.ts'
import { type BoundedMap, createBoundedMap } from './bounded-map.ts'
import { Counters, Log, type Window } from './windows.ts'

interface Table {
  readonly limit: Limit
  readonly windows: BoundedMap<Window>
}

/** A limiter that answers at once. */
export interface MemoryLimiter extends Limiter {
  decide(admission: Admission): Verdict
}

/** The strict sliding window within one process. `isRevoked` is what the process knows of a session. */
export function createMemoryLimiter(options: {
  now?: Clock
  isRevoked?: (sessionId: string) => boolean
}): MemoryLimiter {
  const { now: clock = steadyClock, isRevoked } = options
  const tables: Table[] = []
  let latest = 0
  // Reused by every decision: a decision never waits, so no two are under way.
  const touched: Window[] = []

  function windowsOf(limit: Limit): BoundedMap<Window> {
    for (const { limit: known, windows } of tables)
      if (known.name === limit.name && known.max === limit.max && known.windowMs === limit.windowMs) return windows
    const windows = createBoundedMap<Window>((window) => window.used(latest) === 0)
    tables.push({ limit, windows })
    return windows
  }

  function windowOf(limit: Limit, subject: string): Window {
    const windows = windowsOf(limit)
    const known = windows.get(subject)
    if (known) return known
    const window = limit.max <= LOG_MAX ? new Log(limit.max, limit.windowMs) : new Counters(limit.windowMs)
    windows.set(subject, window)
    return window
  }

  function decide({ limits, subject, sessionId }: Admission): Verdict {
    latest = Math.max(latest, clock())
    const now = latest
    const revoked = sessionId !== undefined && isRevoked?.(sessionId) === true
    let picked: Limit | undefined
    let pickedWindow: Window | undefined
    let remaining = Number.POSITIVE_INFINITY
    let resetMs = 0
    let admitted = true
    touched.length = 0
    for (const limit of limits) {
      const window = windowOf(limit, subject)
      touched.push(window)
      const used = window.used(now)
      if (used >= limit.max) {
        const wait = Math.ceil(window.freesAt(limit.max) - now)
        if (!admitted && wait <= resetMs) continue
        admitted = false
        picked = limit
        remaining = 0
        resetMs = wait
      } else if (admitted && limit.max - used - 1 < remaining) {
        picked = limit
        pickedWindow = window
        remaining = limit.max - used - 1
      }
    }
    if (!picked) throw new TypeError('an admission needs a limit')
    if (admitted) {
      for (const window of touched) window.add(now)
      if (pickedWindow) resetMs = Math.ceil(pickedWindow.freesAt(picked.max - remaining) - now)
    }
    return { admitted, limit: picked, remaining, resetMs, revoked, degraded: false }
  }

  return { decide, admit: async (admission) => decide(admission) }
}
