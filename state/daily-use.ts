import type { Subject } from './state.ts'

export interface Use {
  readonly subject: Subject
  /** Short and stable: part of a key. */
  readonly kind: string
  /** Whole numbers of a unit that the caller chooses. */
  readonly amount: number
  readonly max: number
}

export interface UseVerdict {
  readonly allowed: boolean
  /** What is left of the day's `max`. */
  readonly left: number
  /** Milliseconds until the day ends, in UTC. */
  readonly resetMs: number
}

/** What each subject uses in a day (UTC). All of an amount is counted or none of it. */
export interface DailyUse {
  take(use: Use): Promise<UseVerdict>
}

export const DAY_MS = 86_400_000
