export interface TimeLimit {
  /** Aborts with `late`'s error when the time is up, and as `nobodyWaits` when one of the signals aborts. */
  readonly signal: AbortSignal
  /** Call when it is not needed any more. */
  end(): void
}

/** What is no fault of an engine. */
export const nobodyWaits = (): DOMException => new DOMException('Nobody waits for it.', 'AbortError')

/** By hand: a composite signal costs several times as much, and lives as long as its time whether it is needed or not. */
export function createTimeLimit(options: {
  /** Milliseconds. */
  timeoutMs: number
  signals: readonly AbortSignal[]
  late: () => Error
}): TimeLimit {
  const { timeoutMs, signals, late } = options
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(late()), timeoutMs)
  const stop = () => controller.abort(nobodyWaits())
  for (const signal of signals) {
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop)
  }
  return {
    signal: controller.signal,
    end() {
      clearTimeout(timer)
      for (const signal of signals) signal.removeEventListener('abort', stop)
    },
  }
}
