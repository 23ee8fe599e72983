import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Context,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import type { Span, SpanOptions, Tracing, TracingConfig, TracingLog } from '../tracing.ts'
import { createProvider } from './provider.ts'
import { formatTraceparent, parseTraceparent } from './traceparent.ts'

/** How long the end of the process waits for the collector. */
const CLOSE_MS = 2_000

const KINDS: Record<NonNullable<SpanOptions['kind']>, SpanKind> = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  client: SpanKind.CLIENT,
}

interface OwnSpan extends Span {
  readonly context: Context
}

/** Traces by OpenTelemetry's SDK. Nothing is registered globally: provider and current span are this one's own. */
export function createOtelTracing(
  config: TracingConfig & { otelExporterOtlpEndpoint: string },
  log: TracingLog,
): Tracing {
  const provider = createProvider(config, log)
  const tracer = provider.getTracer('fluentmeet')
  const current = new AsyncLocalStorage<Context>()

  function parentOf(parent: SpanOptions['parent']): Context {
    if (parent === undefined) return current.getStore() ?? ROOT_CONTEXT
    const remote = parent === null ? null : parseTraceparent(parent)
    return remote ? trace.setSpanContext(ROOT_CONTEXT, { ...remote, isRemote: true }) : ROOT_CONTEXT
  }

  const start = (name: string, options: SpanOptions = {}) => begin(tracer, name, options, parentOf(options.parent))
  const within = <T>(span: Span, work: () => T): T => current.run((span as OwnSpan).context, work)
  const now = () => {
    const context = current.getStore()
    return context ? trace.getSpanContext(context) : undefined
  }

  return {
    isOn: true,
    start,
    within,
    run(name, options, work) {
      const span = start(name, options)
      return settled(span, () => within(span, () => work(span)))
    },
    traceparent() {
      const found = now()
      return found && (found.traceFlags & TraceFlags.SAMPLED) !== 0 ? formatTraceparent(found) : undefined
    },
    ids() {
      const found = now()
      return found && { trace_id: found.traceId, span_id: found.spanId }
    },
    async close() {
      const late = Promise.withResolvers<void>()
      const timer = setTimeout(late.resolve, CLOSE_MS)
      await Promise.race([provider.shutdown().catch(() => undefined), late.promise])
      clearTimeout(timer)
    },
  }
}

function begin(tracer: Tracer, name: string, options: SpanOptions, parent: Context): OwnSpan {
  const { kind = 'internal', attributes = {} } = options
  const span = tracer.startSpan(name, { kind: KINDS[kind], attributes: { ...attributes } }, parent)
  let ended = false
  return {
    context: trace.setSpan(parent, span),
    set: (more) => void span.setAttributes({ ...more }),
    fail: (error) => fail(span, error),
    end() {
      if (!ended) span.end()
      ended = true
    },
  }
}

function fail(span: OtelSpan, error: unknown): void {
  const { code, name = 'unknown' } = (error ?? {}) as { code?: unknown; name?: string }
  span.setAttribute('error.type', typeof code === 'string' ? code : name)
  span.setStatus({ code: SpanStatusCode.ERROR })
}

/** Ends the span with the work, whether it is done at once or later. */
function settled<T>(span: Span, work: () => T): T {
  const failed = (error: unknown): never => {
    span.fail(error)
    span.end()
    throw error
  }
  let result: T
  try {
    result = work()
  } catch (error) {
    return failed(error)
  }
  if (!(result instanceof Promise)) {
    span.end()
    return result
  }
  return result.then((value: unknown) => {
    span.end()
    return value
  }, failed) as T
}
