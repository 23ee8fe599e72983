import type { PipelineMetrics } from '../../services/pipeline-metrics.ts'

/** Metrics that a test can read: `served transcription openai`, `failed translation a slow`. */
export function recordedMetrics(): PipelineMetrics & { lines: string[]; waiting(): number } {
  const lines: string[] = []
  let waiting = () => 0
  const line =
    (what: string) =>
    (...parts: unknown[]): void =>
      void lines.push([what, ...parts.filter((part) => typeof part === 'string')].join(' '))
  return {
    lines,
    waiting: () => waiting(),
    begins(_stage, _engines, depth) {
      waiting = depth
    },
    served: line('served'),
    failed: line('failed'),
    overloaded: line('overloaded'),
    circuit: line('circuit'),
    cache: line('cache'),
  }
}

/** Promises that a test settles, in the order in which they were made. */
export function createHeld<T>() {
  const held: PromiseWithResolvers<T>[] = []
  return {
    hold(): Promise<T> {
      const one = Promise.withResolvers<T>()
      held.push(one)
      return one.promise
    },
    get count() {
      return held.length
    },
    /** Lets the first go that is still held. */
    release(value: T): void {
      held.shift()?.resolve(value)
    },
  }
}
