/** More waits than the queue holds. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError'
}

/** Runs so many tasks at once and lets so many wait. */
export interface Queue {
  /** Rejects with QueueFullError at once when too many wait, and with the signal's reason when it aborts in the queue. */
  run<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T>
}

/** A bounded queue, first in, first out. */
export function createQueue({ concurrency, maxWaiting }: { concurrency: number; maxWaiting: number }): Queue {
  const waiting = new Set<() => void>()
  let running = 0

  function enter(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason)
    if (running < concurrency) {
      running++
      return Promise.resolve()
    }
    if (waiting.size >= maxWaiting) return Promise.reject(new QueueFullError('Too many requests wait.'))
    return new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        waiting.delete(admit)
        reject(signal.reason)
      }
      const admit = (): void => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      waiting.add(admit)
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  function exit(): void {
    const [next] = waiting
    if (!next) {
      running--
      return
    }
    // The place is handed over, not given back: nobody can slip in between.
    waiting.delete(next)
    next()
  }

  return {
    async run(task, signal) {
      await enter(signal)
      try {
        return await task()
      } finally {
        exit()
      }
    },
  }
}
