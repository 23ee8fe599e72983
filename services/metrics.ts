import { Registry } from 'prom-client'
import { createCaptionMetrics } from './metrics/captions.ts'
import { createLimitMetrics } from './metrics/limits.ts'
import { createProcessMetrics } from './metrics/process.ts'
import { createRequestMetrics } from './metrics/requests.ts'
import { createSecurityEventMetrics } from './metrics/security-events.ts'
import { createPipelineMetrics } from './pipeline-metrics.ts'

/** As plugins/rate-limit.ts names them, and the sockets'. */
const LIMITS = ['auth', 'pipeline', 'default', 'export', 'pages', 'sockets']

export type Metrics = ReturnType<typeof createMetrics>

/** What a server counts, in a registry of its own. What votes and dependencies tell is added to it where they are opened. */
export function createMetrics() {
  const registry = new Registry()
  const { close } = createProcessMetrics(registry)
  return {
    registry,
    requests: createRequestMetrics(registry),
    limits: createLimitMetrics(registry, LIMITS),
    countSecurityEvent: createSecurityEventMetrics(registry),
    captions: createCaptionMetrics(registry),
    pipeline: createPipelineMetrics(registry),
    /** Ends what watches. */
    close,
  }
}
