import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace'
import type { TracingConfig } from '../tracing.ts'

/** Which traces are recorded: OTEL_TRACES_SAMPLER and its argument, a ratio, as OpenTelemetry's specification names them. */
export function samplerOf(config: Pick<TracingConfig, 'otelTracesSampler' | 'otelTracesSamplerArg'>): Sampler {
  const { otelTracesSampler: name, otelTracesSamplerArg: argument } = config
  const isParents = name.startsWith('parentbased_')
  const root = rootOf(name.replace('parentbased_', ''), argument === null ? 1 : Number(argument))
  return isParents ? new ParentBasedSampler({ root }) : root
}

function rootOf(name: string, ratio: number): Sampler {
  if (name === 'always_off') return new AlwaysOffSampler()
  return name === 'traceidratio' ? new TraceIdRatioBasedSampler(ratio) : new AlwaysOnSampler()
}
