import { AppError } from '../errors.ts'
import { createQueue, QueueFullError } from '../pipeline/queue.ts'
import { NO_METRICS, type PipelineMetrics, type StageName } from './pipeline-metrics.ts'
import { attempt } from './stage/attempt.ts'
import { CIRCUIT, type CircuitOptions, createGuard, faultOf, type Guard } from './stage/guard.ts'
import { createTimeLimit, type TimeLimit } from './stage/time-limit.ts'
import { NO_TRACING, type Tracing } from './tracing.ts'

export interface StageLog {
  warn(details: object, message: string): void
}

export interface StageOptions<E> {
  name: StageName
  /** The primary first, then its fallback. */
  engines: readonly E[]
  log: StageLog
  metrics?: PipelineMetrics
  tracing?: Tracing
  /** How many requests run at once, and wait: in all, and of one room. */
  concurrency: number
  maxWaiting: number
  maxWaitingPerRoom: number
  circuit?: CircuitOptions
}

export interface StageRequest<E, A> {
  /** Those of the engines that can serve the request, in order. */
  candidates: readonly E[]
  work: (engine: E, signal: AbortSignal) => Promise<A>
  /** How long it may take in all, the queue and the fallback included. */
  timeoutMs: number
  signal?: AbortSignal
  /** Whose turn it counts as in the queue. */
  room?: string
}

/** What every stage has around its engines: a bounded, fair queue, time limits, safe retries, circuit breakers and the fallback. */
export interface Stage<E> {
  /** The first engine that serves. Throws PROVIDER_UNAVAILABLE when none does, in time, or too much waits. */
  run<A>(request: StageRequest<E, A>): Promise<A>
  /** Whether the engine may serve now. */
  mayServe(engine: E): boolean
  guard(engine: E): Guard
  close(): void
}

export function createStage<E extends { readonly name: string }>(options: StageOptions<E>): Stage<E> {
  const {
    name,
    engines,
    log,
    metrics = NO_METRICS,
    tracing = NO_TRACING,
    concurrency,
    maxWaiting,
    maxWaitingPerRoom,
  } = options
  const queue = createQueue({ concurrency, maxWaiting, maxWaitingPerGroup: maxWaitingPerRoom })
  const closed = new AbortController()
  const guards = new Map<E, Guard>(engines.map((engine) => [engine, guardOf(engine)]))
  metrics.begins(
    name,
    engines.map((engine) => engine.name),
    () => queue.waiting,
  )

  function guardOf(engine: E): Guard {
    return createGuard(options.circuit ?? CIRCUIT, (change) => {
      log.warn({ stage: name, engine: engine.name, circuit: change }, 'the circuit of an engine changed')
      metrics.circuit(name, engine.name, change)
    })
  }

  function guard(engine: E): Guard {
    const known = guards.get(engine)
    if (!known) throw new TypeError('an engine of another stage')
    return known
  }

  /** One engine after the other; each gets an equal part of the time that is left, so that the fallback has its own. */
  async function askAll<A>(
    { candidates, work }: StageRequest<E, A>,
    until: number,
    signals: readonly AbortSignal[],
  ): Promise<A> {
    const ready = candidates.filter((engine) => guard(engine).mayServe())
    let last: unknown = null
    for (const [index, engine] of ready.entries()) {
      const timeoutMs = (until - performance.now()) / (ready.length - index)
      if (timeoutMs <= 0) break
      const started = performance.now()
      try {
        const answer = await tracing.run(`engine ${name}`, { attributes: { 'fluentmeet.engine': engine.name } }, () =>
          guard(engine).run(() => attempt(engine.name, (either) => work(engine, either), { timeoutMs, signals })),
        )
        metrics.served(name, engine.name, (performance.now() - started) / 1000)
        return answer
      } catch (error) {
        metrics.failed(name, engine.name, faultOf(error))
        for (const signal of signals) signal.throwIfAborted()
        // What people say is theirs: errors of engines do not hold it.
        log.warn({ err: error, stage: name, engine: engine.name, fault: faultOf(error) }, 'an engine did not serve')
        last = error
      }
    }
    // Made only now: an error records where it was made, which takes longer than the rest.
    throw last ?? new Error('Every engine is left alone after failures.')
  }

  async function run<A>(request: StageRequest<E, A>): Promise<A> {
    const { timeoutMs, room, signal: given } = request
    const until = performance.now() + timeoutMs
    const stops = given ? [closed.signal, given] : [closed.signal]
    let wait: TimeLimit | undefined
    const waits = () => {
      const late = () => new DOMException('It waited too long.', 'TimeoutError')
      wait = createTimeLimit({ timeoutMs, signals: stops, late })
      return wait.signal
    }
    const turn = () => {
      // From here on each engine has a time limit of its own.
      wait?.end()
      return askAll(request, until, stops)
    }
    try {
      for (const signal of stops) signal.throwIfAborted()
      return await queue.run(turn, waits, room)
    } catch (error) {
      if (error instanceof QueueFullError) metrics.overloaded(name)
      throw error instanceof AppError ? error : new AppError('PROVIDER_UNAVAILABLE', undefined, { cause: error })
    } finally {
      wait?.end()
    }
  }

  return {
    run,
    guard,
    mayServe: (engine) => guard(engine).mayServe(),
    close: () => closed.abort(new DOMException('The stage is closed.', 'AbortError')),
  }
}
