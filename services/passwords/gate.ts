import { AppError } from '../../errors.ts'

export interface GateOptions {
  /** How many run at once. */
  concurrency: number
  /** How many more may wait; one above is refused. */
  queue: number
}

/** Bounds heavy work: so many run, so many wait in order, the rest is refused with SERVICE_UNAVAILABLE at once. */
export function createGate({ concurrency, queue }: GateOptions) {
  const waiting: (() => void)[] = []
  let running = 0

  async function pass<T>(work: () => Promise<T>): Promise<T> {
    if (running >= concurrency) {
      if (waiting.length >= queue)
        throw new AppError('SERVICE_UNAVAILABLE', undefined, { headers: { 'retry-after': '5' } })
      // Whoever finishes hands its place over, so `running` stays as it is.
      await new Promise<void>((admit) => waiting.push(admit))
    } else running += 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }

  return { pass, load: () => ({ running, waiting: waiting.length }) }
}
