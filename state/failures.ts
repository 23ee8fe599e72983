/**
 * Failed tries of a (account, address) pair: after `max` within the window the pair waits the window out, counted from the last one.
 * A try is counted before it is made, so that concurrent tries cannot pass together; a success takes all of them back.
 */
export interface Failures {
  /** Counts a try. `retryAfterMs` is 0 when it may go on. A refused try is not counted. */
  attempt(pair: string): Promise<{ allowed: boolean; retryAfterMs: number }>
  /** The try succeeded: forgets the pair. */
  succeed(pair: string): Promise<void>
}
