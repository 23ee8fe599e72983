import { abortable } from '../abortable.ts'
import { EngineError } from '../engine-error.ts'
import { createQueue, QueueFullError } from '../queue.ts'
import { createEngineProcess, type EngineProcess, type EngineProcessOptions } from './process.ts'

export interface PoolOptions<L> extends EngineProcessOptions<L> {
  /** How many processes at most. Each is started when the others are busy for the first time. */
  size: number
  /** How many questions may wait. */
  maxWaiting: number
}

/** Some equal engine processes and one bounded queue before them. */
export interface EnginePool<Q, A> {
  /**
   * Rejects with an EngineError, `busy` when too many wait, or with the signal's reason. What a process has begun it
   * ends, because native code cannot be stopped: its place stays taken until then.
   */
  ask(question: Q, timeoutMs: number, signal?: AbortSignal): Promise<A>
  /** Starts the first process now; failures are logged. */
  prewarm(): Promise<void>
  close(): Promise<void>
}

export function createEnginePool<L, Q, A>({ size, maxWaiting, ...options }: PoolOptions<L>): EnginePool<Q, A> {
  const queue = createQueue({ concurrency: size, maxWaiting })
  const all: EngineProcess<Q, A>[] = Array.from({ length: size }, () => createEngineProcess<L, Q, A>(options))
  // The one used last is used next, so that the others start only when they are needed.
  const idle = [...all].reverse()
  const closing = new AbortController()
  const killAll = (): void => {
    for (const process of all) process.kill()
  }
  process.once('exit', killAll)

  async function work(question: Q, timeoutMs: number): Promise<A> {
    const free = idle.pop()
    if (!free) throw new EngineError(options.name, 'busy', 'no process is free')
    try {
      return await free.ask(question, timeoutMs)
    } finally {
      idle.push(free)
    }
  }

  return {
    async ask(question, timeoutMs, signal) {
      const leave = signal ? AbortSignal.any([signal, closing.signal]) : closing.signal
      const done = queue.run(() => work(question, timeoutMs), leave)
      return abortable(done, leave).catch((error: unknown) => {
        throw error instanceof QueueFullError ? new EngineError(options.name, 'busy', 'too many wait') : error
      })
    },
    async prewarm() {
      await all[0]?.prewarm()
    },
    async close() {
      closing.abort(new EngineError(options.name, 'unreachable', 'it is closed'))
      process.off('exit', killAll)
      await Promise.all(all.map((one) => one.close()))
    },
  }
}
