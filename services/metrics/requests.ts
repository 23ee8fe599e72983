import type { Metric, Registry } from 'prom-client'

/** What is told of HTTP requests: the route's pattern, never a path. */
export interface RequestMetrics {
  /** A request was answered; null seconds: it never began, for it could not be read. */
  observe(method: string, route: string, status: number, seconds: number | null): void
}

/** What was counted of one method and route. */
interface Tally {
  readonly statuses: Map<number, number>
  /** How many took up to each bound, and longer than the one before; the last: longer than all. */
  readonly buckets: number[]
  sum: number
  timed: number
}

interface Sample {
  readonly value: number
  readonly labels: Readonly<Record<string, string | number>>
  readonly metricName?: string
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', '(unparsed)'])
const REQUESTS = 'fluentmeet_http_requests_total'
const DURATION = 'fluentmeet_http_request_seconds'

/**
 * Counts and times requests. On the path of every request: two look-ups and a few additions, nothing is allocated; the library's own
 * would hash its labels each time. Prometheus' form is made when the registry is read.
 */
export function createRequestMetrics(registry: Registry): RequestMetrics {
  const routes = new Map<string, Map<string, Tally>>()

  function tallyOf(method: string, route: string): Tally {
    const known = routes.get(route)?.get(method)
    if (known) return known
    const made: Tally = {
      ...{ statuses: new Map(), buckets: new Array<number>(SECONDS.length + 1).fill(0), sum: 0, timed: 0 },
    }
    const methods = routes.get(route) ?? new Map<string, Tally>()
    routes.set(route, methods.set(method, made))
    return made
  }

  function* tallies() {
    for (const [route, methods] of routes) for (const [method, tally] of methods) yield { method, route, tally }
  }

  function* counts(): Iterable<Sample> {
    for (const { method, route, tally } of tallies())
      for (const [status, value] of tally.statuses) yield { value, labels: { method, route, status } }
  }

  function* durations(): Iterable<Sample> {
    for (const { method, route, tally } of tallies()) {
      if (tally.timed === 0) continue
      let upTo = 0
      for (const [index, count] of tally.buckets.entries()) {
        upTo += count
        const le = SECONDS[index] ?? '+Inf'
        yield { value: upTo, labels: { le, method, route }, metricName: `${DURATION}_bucket` }
      }
      yield { value: tally.sum, labels: { method, route }, metricName: `${DURATION}_sum` }
      yield { value: tally.timed, labels: { method, route }, metricName: `${DURATION}_count` }
    }
  }

  register(registry, { name: REQUESTS, help: 'Requests that were answered.', type: 'counter' }, counts)
  register(registry, { name: DURATION, help: 'Time from a request to its answer.', type: 'histogram' }, durations)

  return {
    observe(method, route, status, seconds) {
      const tally = tallyOf(METHODS.has(method) ? method : 'other', route)
      tally.statuses.set(status, (tally.statuses.get(status) ?? 0) + 1)
      if (seconds === null) return
      let bucket = 0
      while (seconds > (SECONDS[bucket] ?? Number.POSITIVE_INFINITY)) bucket++
      tally.buckets[bucket] = (tally.buckets[bucket] ?? 0) + 1
      tally.sum += seconds
      tally.timed++
    },
  }
}

/** The registry asks a metric for no more than this. */
function register(
  registry: Registry,
  about: { name: string; help: string; type: string },
  samples: () => Iterable<Sample>,
): void {
  const metric = { ...about, aggregator: 'sum', get: async () => ({ ...about, values: [...samples()] }) }
  registry.registerMetric(metric as unknown as Metric)
}
