import pino, { type DestinationStream, type Logger } from 'pino'
import type { Config } from './config.ts'
import type { Tracing } from './services/tracing.ts'

/** Fields whose values never reach a line, however deep. */
const SECRET_FIELDS: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'set-cookie',
  'x-csrf-token',
  'x-api-key',
  'password',
  'current_password',
  'new_password',
  'token',
  'access_token',
  'refresh_token',
  'guest_token',
  'csrf_token',
  'ticket',
  'api_key',
  'key_hash',
  'secret',
])
const CENSOR = '[redacted]'
const MAX_DEPTH = 6

/**
 * The one logger of a process: a JSON object a line, secrets censored. Where there is tracing, lines have the ids of the current span.
 */
export function createLogger(
  config: Pick<Config, 'logLevel'>,
  destination: DestinationStream,
  tracing?: Pick<Tracing, 'isOn' | 'ids'>,
): Logger {
  const time = createIsoTime()
  return pino(
    {
      level: config.logLevel,
      base: { pid: process.pid },
      ...(tracing?.isOn ? { mixin: () => tracing.ids() ?? {} } : {}),
      timestamp: () => `,"time":"${time()}"`,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => censored(fields, 0) as Record<string, unknown>,
      },
      serializers: { err: describeError, req: () => undefined, res: () => undefined },
    },
    destination,
  )
}

/** The time in ISO 8601; what a second's times begin with is made once. */
export function createIsoTime(now: () => number = Date.now): () => string {
  let second = Number.NaN
  let beginning = ''
  return () => {
    const ms = now()
    const current = Math.floor(ms / 1000)
    if (current !== second) {
      second = current
      beginning = new Date(current * 1000).toISOString().slice(0, -4)
    }
    return `${beginning}${String(ms - current * 1000).padStart(3, '0')}Z`
  }
}

interface DescribedError {
  type: string
  message: string
  code?: string
  stack?: string
  cause?: DescribedError
}

/** An error as it is logged: its own properties are left out, and so are a failed query's parameters. */
export function describeError(error: unknown, depth = 0): DescribedError {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error).slice(0, 500) }
  const message = withoutParameters(error.message)
  const at = error.stack?.indexOf(error.message) ?? -1
  const frames = at >= 0 ? (error.stack ?? '').slice(at + error.message.length) : ''
  const { code } = error as { code?: unknown }
  return {
    type: error.name,
    message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(frames ? { stack: `${error.name}: ${message}${frames}` } : {}),
    ...(error.cause !== undefined && depth < 3 ? { cause: describeError(error.cause, depth + 1) } : {}),
  }
}

/** The query builder appends the values of a failed query to its message; they are people's data. */
function withoutParameters(message: string): string {
  const at = message.indexOf('\nparams:')
  return at >= 0 ? message.slice(0, at) : message
}

/**
 * The value without secrets: the value itself where there is none, so that a flat line costs a look at its names and no more (pino's
 * own redaction by path costs more than the rest of a request).
 */
function censored(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Error || Buffer.isBuffer(value)) return value
  if (depth > MAX_DEPTH) return CENSOR
  if (Array.isArray(value)) return value.map((item) => censored(item, depth + 1))
  let copy: Record<string, unknown> | null = null
  for (const [name, field] of Object.entries(value)) {
    const clean = SECRET_FIELDS.has(name.toLowerCase()) ? CENSOR : censored(field, depth + 1)
    if (clean === field) continue
    copy ??= { ...value }
    copy[name] = clean
  }
  return copy ?? value
}
