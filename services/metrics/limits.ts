import { Counter, type Registry } from 'prom-client'

/** What the limits tell of themselves. Every label is the name of a limit. */
export interface LimitMetrics {
  /** A limit refused: of requests by its name, or `sockets`. */
  refused(limit: string): void
  /** This process decided on its own, for Redis did not answer. */
  decidedAlone(): void
}

/** Puts the limits' metrics into a Prometheus registry; each of the limits is there from the start. */
export function createLimitMetrics(registry: Registry, limits: readonly string[]): LimitMetrics {
  const registers = [registry]
  const refused = new Counter({
    ...{ name: 'fluentmeet_limit_refused_total', help: 'What was refused, by the limit that did.', registers },
    labelNames: ['limit'] as const,
  })
  const alone = new Counter({
    ...{ name: 'fluentmeet_limit_alone_total', help: 'Requests that were limited without Redis.', registers },
  })
  for (const limit of limits) refused.inc({ limit }, 0)
  return { refused: (limit) => refused.inc({ limit }), decidedAlone: () => alone.inc() }
}
