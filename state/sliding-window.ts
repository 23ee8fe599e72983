import type { Limit } from './limiter.ts'

/** Up to this many admissions a log of their times is kept; above it, counters of sub-windows. */
export const LOG_MAX = 60
/** Into how many sub-windows a window is cut. One that is partly outside the window counts in full, against the caller. */
export const SUB_WINDOWS = 60

/** The length of a sub-window in milliseconds. */
export const subWindowMs = (windowMs: number): number => Math.ceil(windowMs / SUB_WINDOWS)

/** How a limit is counted, as part of its key: `l60000` a log, `c60000` counters. */
export const kindOf = (limit: Limit): string => `${limit.max <= LOG_MAX ? 'l' : 'c'}${limit.windowMs}`

/** What one of several processes may admit by itself. */
export const shareOf = (max: number, processes: number): number => Math.max(1, Math.floor(max / processes))
