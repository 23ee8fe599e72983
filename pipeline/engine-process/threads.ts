import { availableParallelism, loadavg } from 'node:os'

/** The most that one recognition is given. */
export const MAX_THREADS = Math.min(2, availableParallelism())

/**
 * How many threads the next recognition is given. They wait for each other by spinning: on a machine that has time two
 * are faster, on one that has none two take four to eight times as long as one, and three times the work.
 */
export function threadsNow(): number {
  return (loadavg()[0] ?? 0) < availableParallelism() ? MAX_THREADS : 1
}
