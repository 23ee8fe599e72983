import { setTimeout as sleep } from 'node:timers/promises'
import { abortable } from '../../pipeline/abortable.ts'
import { EngineError } from '../../pipeline/engine-error.ts'
import { createTimeLimit, nobodyWaits } from './time-limit.ts'

/** A busy engine that asks to wait no longer than this is asked again. */
const MAX_WAIT_MS = 2_000
const PAUSE_MS = 100

/**
 * Asks an engine within the time allowed, and once more where that is safe: when no answer came at all, or it was busy for a moment.
 * Rejects with an AbortError as soon as one of the signals aborts, also when the engine does not care.
 */
export async function attempt<A>(
  engine: string,
  work: (signal: AbortSignal) => Promise<A>,
  { timeoutMs, signals }: { timeoutMs: number; signals: readonly AbortSignal[] },
): Promise<A> {
  const until = performance.now() + timeoutMs
  const late = () => new EngineError(engine, 'slow', `no answer within ${Math.round(timeoutMs)} ms`)
  const limit = createTimeLimit({ timeoutMs, signals, late })
  const either = limit.signal
  const ask = () => abortable(work(either), either)
  try {
    return await ask().catch(async (error: unknown) => {
      const pauseMs = pauseBefore(error)
      if (pauseMs === null || performance.now() + pauseMs >= until) throw error
      await abortable(sleep(pauseMs, undefined, { ref: false }), either)
      return ask()
    })
  } catch (error) {
    // Whatever the engine made of it: it is not its fault.
    throw signals.some(({ aborted }) => aborted) ? nobodyWaits() : error
  } finally {
    limit.end()
  }
}

/** How long to wait before the engine is asked again; null when it must not be. */
function pauseBefore(error: unknown): number | null {
  const jitter = PAUSE_MS * (0.5 + Math.random())
  if (!(error instanceof EngineError)) return null
  if (error.fault === 'unreachable') return jitter
  if (error.fault !== 'busy' || error.retryAfterMs === null || error.retryAfterMs > MAX_WAIT_MS) return null
  return error.retryAfterMs + jitter
}
