import { type StandIn, startStandIn } from './providers/stand-in.ts'
import { until } from './states.ts'

/** A span as a collector gets it, with its attributes by name. */
export interface CollectedSpan {
  readonly name: string
  readonly kind: number
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly failed: boolean
  readonly attributes: Readonly<Record<string, unknown>>
  readonly resource: Readonly<Record<string, unknown>>
}

interface KeyValue {
  key: string
  value: { stringValue?: string; intValue?: number; doubleValue?: number; boolValue?: boolean }
}
interface Body {
  resourceSpans: {
    resource: { attributes: KeyValue[] }
    scopeSpans: {
      spans: {
        name: string
        kind: number
        traceId: string
        spanId: string
        parentSpanId?: string
        status: { code?: number }
        attributes: KeyValue[]
      }[]
    }[]
  }[]
}

const valuesOf = (pairs: KeyValue[]) =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, Object.values(value)[0]]))

export interface Collector extends StandIn {
  spans(): CollectedSpan[]
  /** Resolves to the first span like this, as soon as it has come. */
  span(wanted: (span: CollectedSpan) => boolean): Promise<CollectedSpan>
  /** Every byte that was sent here, headers too. */
  everything(): string
}

/** What stands in for a collector of traces: OTLP over HTTP, in JSON. */
export async function startCollector(t: Parameters<typeof startStandIn>[0]): Promise<Collector> {
  const standIn = await startStandIn(t, ({ method, path, headers }) => {
    const isOtlp = method === 'POST' && path === '/v1/traces' && headers['content-type'] === 'application/json'
    return isOtlp ? { body: { partialSuccess: {} } } : { status: 404 }
  })
  const spans = () =>
    standIn.received.flatMap(({ body }) =>
      (JSON.parse(body.toString()) as Body).resourceSpans.flatMap(({ resource, scopeSpans }) =>
        scopeSpans.flatMap((scope) =>
          scope.spans.map(({ attributes, status, parentSpanId = '', ...span }) => ({
            ...{ ...span, parentSpanId, failed: status.code === 2 },
            ...{ attributes: valuesOf(attributes), resource: valuesOf(resource.attributes) },
          })),
        ),
      ),
    )
  return Object.assign(standIn, {
    spans,
    async span(wanted: (span: CollectedSpan) => boolean) {
      await until(() => spans().some(wanted))
      return spans().find(wanted) as CollectedSpan
    },
    everything: () => standIn.received.map(({ headers, body }) => `${JSON.stringify(headers)}\n${body}`).join('\n'),
  })
}
