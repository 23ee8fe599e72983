/** A promise that did not settle in time. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError'
}

/** A timer this late says that our own event loop was busy, not that the other side was slow. */
const LATE_FACTOR = 1.5

/**
 * Settles as `promise` does, or rejects with DeadlineError after `ms`. An answer that has arrived but was not read yet, because this
 * process was busy, is read first: a busy moment of ours must not look like an outage.
 */
export function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let started = performance.now()
    let timer = setTimeout(onTimer, ms)

    function onTimer(): void {
      const now = performance.now()
      if (now - started > ms * LATE_FACTOR) {
        started = now
        timer = setTimeout(onTimer, ms)
      } else setImmediate(() => reject(new DeadlineError(`no answer within ${ms} ms`)))
    }

    promise.then(
      (value) => {
        clearTimeout(timer)
        resolve(value)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })
}
