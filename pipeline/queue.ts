/** More waits than the queue holds. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError'
}

/** Runs so many tasks at once and lets so many wait. */
export interface Queue {
  /**
   * Rejects with QueueFullError at once when too many wait, and with the signal's reason when it aborts in the queue: a signal, or what
   * makes one for a task that must wait. Groups that wait take turns, so that one of them cannot hold the others up.
   */
  run<T>(task: () => Promise<T>, signal: AbortSignal | (() => AbortSignal), group?: string): Promise<T>
  /** How many wait. */
  readonly waiting: number
}

export interface QueueOptions {
  concurrency: number
  maxWaiting: number
  /** Of one group. */
  maxWaitingPerGroup?: number
}

type Admit = () => void

/** A bounded queue: first in, first out within a group, and the groups one after the other. */
export function createQueue({ concurrency, maxWaiting, maxWaitingPerGroup = maxWaiting }: QueueOptions): Queue {
  /** In the order of their turns; none is empty. */
  const groups = new Map<string, Set<Admit>>()
  let running = 0
  let waiting = 0

  function remove(group: string, admit: Admit): void {
    const waiters = groups.get(group)
    if (!waiters?.delete(admit)) return
    waiting--
    if (waiters.size === 0) groups.delete(group)
  }

  /** Null: it need not wait. */
  function enter(until: AbortSignal | (() => AbortSignal), group: string): Promise<void> | null {
    const known = typeof until === 'function' ? null : until
    if (known?.aborted) return Promise.reject(known.reason)
    if (running < concurrency) {
      running++
      return null
    }
    const waiters = groups.get(group) ?? new Set<Admit>()
    if (waiting >= maxWaiting || waiters.size >= maxWaitingPerGroup)
      return Promise.reject(new QueueFullError('Too many requests wait.'))
    const signal = typeof until === 'function' ? until() : until
    if (signal.aborted) return Promise.reject(signal.reason)
    return new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        remove(group, admit)
        reject(signal.reason)
      }
      const admit = (): void => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      groups.set(group, waiters.add(admit))
      waiting++
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  function exit(): void {
    const [turn] = groups
    if (!turn) {
      running--
      return
    }
    const [group, waiters] = turn
    const [next] = waiters
    if (!next) throw new Error('a group that waits is never empty')
    // The place is handed over, not given back: nobody can slip in between.
    remove(group, next)
    if (groups.delete(group)) groups.set(group, waiters)
    next()
  }

  return {
    async run(task, signal, group = '') {
      const wait = enter(signal, group)
      if (wait) await wait
      try {
        return await task()
      } finally {
        exit()
      }
    },
    get waiting() {
      return waiting
    },
  }
}
