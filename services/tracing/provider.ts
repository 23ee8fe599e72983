import { hostname } from 'node:os'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace'
import type { TracingConfig, TracingLog } from '../tracing.ts'
import { samplerOf } from './sampler.ts'

/** What waits to be sent, in spans: beyond it spans are dropped, so that a collector that hangs costs no more than this. */
const QUEUE = 2_048
const BATCH = 512
const EVERY_MS = 1_000
const TIMEOUT_MS = 5_000

/** Spans on their way to a collector: sampled, batched, and sent as OTLP over HTTP, in JSON. */
export function createProvider(
  config: TracingConfig & { otelExporterOtlpEndpoint: string },
  log: TracingLog,
): TracerProvider {
  const exporter = new OTLPTraceExporter({
    url: `${config.otelExporterOtlpEndpoint.replace(/\/$/, '')}/v1/traces`,
    headers: readHeaders(config.otelExporterOtlpHeaders),
    timeoutMillis: TIMEOUT_MS,
    concurrencyLimit: 2,
  })
  return new TracerProvider({
    sampler: samplerOf(config),
    resource: resourceFromAttributes({
      'service.name': config.otelServiceName,
      'service.instance.id': `${hostname()}:${process.pid}`,
      'deployment.environment.name': config.environment,
    }),
    // Nothing that is told is long.
    spanLimits: { attributeValueLengthLimit: 200 },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: told(exporter, log),
        maxQueueSize: QUEUE,
        maxExportBatchSize: BATCH,
        scheduledDelayMillis: EVERY_MS,
        exportTimeoutMillis: TIMEOUT_MS,
      }),
    ],
  })
}

/** `name=value,name=value`, as the specification has it: values are percent-encoded. */
function readHeaders(text: string | null): Record<string, string> {
  const pairs = (text ?? '').split(',').filter((pair) => pair.includes('='))
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      return [pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())]
    }),
  )
}

/** Says once that the collector takes nothing, and once that it does again. */
function told(exporter: SpanExporter, log: TracingLog): SpanExporter {
  let isDown = false
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const failed = result.error !== undefined || result.code !== 0
        if (failed && !isDown) log.warn({ err: result.error }, 'traces cannot be sent')
        if (!failed && isDown) log.info({}, 'traces are sent again')
        isDown = failed
        done(result)
      })
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  }
}
