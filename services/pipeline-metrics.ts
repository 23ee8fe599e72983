import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { EngineFault } from '../pipeline/engine-error.ts'

export type StageName = 'transcription' | 'translation' | 'speech'
export type CircuitChange = 'opened' | 'closed'

/** What the stages tell of themselves. Every label is one of few values: none comes from what people send. */
export interface PipelineMetrics {
  /** A stage begins with these engines: what is told of them later is there from the start. `waiting`: how many requests wait for one. */
  begins(stage: StageName, engines: readonly string[], waiting: () => number): void
  /** An engine served one request, in so many seconds. */
  served(stage: StageName, engine: string, seconds: number): void
  /** An engine did not. `stopped`: nobody waited for it any more, or the stage closed. */
  failed(stage: StageName, engine: string, fault: EngineFault | 'stopped'): void
  /** A request was refused because too many wait. */
  overloaded(stage: StageName): void
  circuit(stage: StageName, engine: string, change: CircuitChange): void
  /** Whether a translation was known: to this process, to another, or to none. */
  cache(found: 'process' | 'shared' | 'none'): void
}

export const NO_METRICS: PipelineMetrics = {
  begins: () => undefined,
  served: () => undefined,
  failed: () => undefined,
  overloaded: () => undefined,
  circuit: () => undefined,
  cache: () => undefined,
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** Puts the stages' metrics into a Prometheus registry. */
export function createPipelineMetrics(registry: Registry): PipelineMetrics {
  const registers = [registry]
  const engine = ['stage', 'engine'] as const
  const seconds = new Histogram({
    ...{ name: 'fluentmeet_pipeline_engine_seconds', help: 'Time an engine took to serve a request.', registers },
    ...{ labelNames: engine, buckets: SECONDS },
  })
  const failures = new Counter({
    ...{ name: 'fluentmeet_pipeline_failures_total', help: 'Requests that an engine did not serve.', registers },
    labelNames: [...engine, 'fault'] as const,
  })
  const depths = new Map<StageName, () => number>()
  new Gauge({
    ...{ name: 'fluentmeet_pipeline_waiting', help: 'Requests that wait for an engine.', registers },
    labelNames: ['stage'] as const,
    collect() {
      for (const [stage, depth] of depths) this.set({ stage }, depth())
    },
  })
  const refused = new Counter({
    ...{ name: 'fluentmeet_pipeline_overloaded_total', help: 'Requests refused because too many wait.', registers },
    labelNames: ['stage'] as const,
  })
  const open = new Gauge({
    ...{ name: 'fluentmeet_pipeline_circuit_open', help: '1 while an engine is left alone after failures.', registers },
    labelNames: engine,
  })
  const cached = new Counter({
    ...{ name: 'fluentmeet_pipeline_cache_total', help: 'Translations by where they were known.', registers },
    labelNames: ['found'] as const,
  })

  return {
    begins(stage, names, waiting) {
      depths.set(stage, waiting)
      refused.inc({ stage }, 0)
      for (const name of names) open.set({ stage, engine: name }, 0)
    },
    served: (stage, name, took) => seconds.observe({ stage, engine: name }, took),
    failed: (stage, name, fault) => failures.inc({ stage, engine: name, fault }),
    overloaded: (stage) => refused.inc({ stage }),
    circuit: (stage, name, change) => open.set({ stage, engine: name }, change === 'opened' ? 1 : 0),
    cache: (found) => cached.inc({ found }),
  }
}
