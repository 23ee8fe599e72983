import pino, { type DestinationStream, type Logger } from 'pino'
import type { Config } from './config.ts'

/** Fields that never reach a line, at the top and one level down. */
const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'set-cookie',
  'password',
  'current_password',
  'new_password',
  'token',
  'access_token',
  'refresh_token',
  'guest_token',
  'csrf_token',
  'ticket',
  'secret',
]

const path = (field: string) => (field.includes('-') ? `["${field}"]` : field)

/**
 * The one logger of a process: a JSON object a line, secrets censored. Without a destination it writes to standard output
 * asynchronously: `server.ts` flushes it at the end.
 */
export function createLogger(config: Pick<Config, 'logLevel'>, destination: DestinationStream): Logger {
  return pino(
    {
      level: config.logLevel,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError, req: () => undefined, res: () => undefined },
      redact: {
        paths: SECRET_FIELDS.flatMap((field) => [
          path(field),
          field.includes('-') ? `*["${field}"]` : `*.${field}`,
          field.includes('-') ? `headers["${field}"]` : `headers.${field}`,
        ]),
        censor: '[redacted]',
      },
    },
    destination,
  )
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
