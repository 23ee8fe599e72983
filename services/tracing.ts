import type { Config } from '../config.ts'

/** What is told of a span beside its name: never what people say, who they are, or a secret. */
export type Attributes = Readonly<Record<string, string | number | boolean>>

/** A piece of work in a trace. */
export interface Span {
  set(attributes: Attributes): void
  /** It did not come about: the kind of the error is told, never its message, which may hold people's data. */
  fail(error: unknown): void
  /** The second call does nothing. */
  end(): void
}

export interface SpanOptions {
  readonly kind?: 'internal' | 'server' | 'producer' | 'consumer' | 'client'
  readonly attributes?: Attributes
  /** A `traceparent` of another process; null begins a trace. Default: the span that is current. */
  readonly parent?: string | null
}

/** Traces of what happens, for who looks for where the time goes. Nothing of it throws. */
export interface Tracing {
  /** False: spans are nothing, and cost nothing. */
  readonly isOn: boolean
  /** Begins a span; it is current nowhere yet. */
  start(name: string, options?: SpanOptions): Span
  /** Runs work, and whatever follows from it, with the span as the current one. */
  within<T>(span: Span, work: () => T): T
  /** Both, and ends the span when the work is done; it fails with it. */
  run<T>(name: string, options: SpanOptions, work: (span: Span) => T): T
  /** The current span as a W3C `traceparent`, for another process; undefined when it is not recorded. */
  traceparent(): string | undefined
  /** For log lines. */
  ids(): { trace_id: string; span_id: string } | undefined
  /** Sends what is left, as long as that does not take too long. */
  close(): Promise<void>
}

const NO_SPAN: Span = { set: () => undefined, fail: () => undefined, end: () => undefined }

export const NO_TRACING: Tracing = {
  isOn: false,
  start: () => NO_SPAN,
  within: (_span, work) => work(),
  run: (_name, _options, work) => work(NO_SPAN),
  traceparent: () => undefined,
  ids: () => undefined,
  close: async () => undefined,
}

export type TracingConfig = Pick<
  Config,
  | 'environment'
  | 'otelExporterOtlpEndpoint'
  | 'otelExporterOtlpHeaders'
  | 'otelServiceName'
  | 'otelTracesSampler'
  | 'otelTracesSamplerArg'
>

export interface TracingLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

/** Traces to where OTEL_EXPORTER_OTLP_ENDPOINT says; without it nothing of OpenTelemetry is even loaded. */
export async function openTracing(config: TracingConfig, log: TracingLog): Promise<Tracing> {
  if (!config.otelExporterOtlpEndpoint) return NO_TRACING
  const { createOtelTracing } = await import('./tracing/otel.ts')
  return createOtelTracing({ ...config, otelExporterOtlpEndpoint: config.otelExporterOtlpEndpoint }, log)
}
