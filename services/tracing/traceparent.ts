interface SpanContext {
  readonly traceId: string
  readonly spanId: string
  readonly traceFlags: number
}

const SHAPE = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/

/** A place in a trace as W3C's Trace Context writes it. */
export function formatTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
}

/** Null for what is not one. */
export function parseTraceparent(text: string): SpanContext | null {
  const [, traceId, spanId, flags] = SHAPE.exec(text) ?? []
  return traceId && spanId && flags ? { traceId, spanId, traceFlags: Number.parseInt(flags, 16) } : null
}
