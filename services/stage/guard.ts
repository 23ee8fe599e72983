import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel'
import { EngineError, type EngineFault } from '../../pipeline/engine-error.ts'
import type { CircuitChange } from '../pipeline-metrics.ts'

export interface CircuitOptions {
  /** So many failures one after the other open the circuit: the engine is then left alone. */
  failures: number
  /** After so long one request is let through to see whether it serves again. */
  pauseMs: number
}

export const CIRCUIT: CircuitOptions = { failures: 5, pauseMs: 10_000 }

/** Stands before one engine and keeps requests from it while it fails. */
export interface Guard {
  /** Runs the work. Rejects at once while the circuit is open. */
  run<A>(work: () => Promise<A>): Promise<A>
  /** Counts what happened outside of `run`; null is a success. */
  report(error: unknown): void
  /** Whether the circuit is closed. */
  isTrusted(): boolean
  /** Whether the engine may serve now: its circuit is closed, or due for a trial. */
  mayServe(): boolean
}

/** `onChange` is called when the circuit opens and when it closes. */
export function createGuard({ failures, pauseMs }: CircuitOptions, onChange: (change: CircuitChange) => void): Guard {
  let openedAt = 0
  const breaker = circuitBreaker(
    // A trial that nobody waited for has shown nothing: only a success closes the circuit again.
    handleWhen((error) => isEnginesFault(error) || (breaker.state === CircuitState.HalfOpen && isStopped(error))),
    { halfOpenAfter: pauseMs, breaker: new ConsecutiveBreaker(failures) },
  )
  breaker.onBreak(() => {
    openedAt = Date.now()
    onChange('opened')
  })
  breaker.onReset(() => onChange('closed'))
  const settle = (outcome: Promise<void>) => void breaker.execute(() => outcome).catch(() => undefined)

  return {
    run: (work) => breaker.execute(work),
    report(error) {
      // While it is open only a trial counts.
      if (breaker.state === CircuitState.Closed) settle(error === null ? Promise.resolve() : Promise.reject(error))
    },
    isTrusted: () => breaker.state === CircuitState.Closed,
    mayServe: () =>
      breaker.state === CircuitState.Closed ||
      (breaker.state === CircuitState.Open && Date.now() - openedAt >= pauseMs),
  }
}

/** What went wrong, for the log and the metrics. `stopped`: nobody waited for it any more. */
export function faultOf(error: unknown): EngineFault | 'stopped' {
  if (error instanceof EngineError) return error.fault
  return isStopped(error) ? 'stopped' : 'failed'
}

function isStopped(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

/** Whether an error says something of the engine and not of this one request. */
function isEnginesFault(error: unknown): boolean {
  const fault = faultOf(error)
  return fault !== 'rejected' && fault !== 'stopped'
}
