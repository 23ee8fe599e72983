import pino, { type Logger } from 'pino'
import { createIsoTime } from './logger.ts'
import type { Tracing } from './services/tracing.ts'

/** What is told of a request. Nothing here is free text or a secret. */
export interface AccessFields {
  readonly method: string
  /** The route's pattern. */
  readonly route: string
  readonly status: number
  readonly time_ms: number
  readonly user_id: string | null
  readonly api_key_id?: string
  readonly ip: string
}

/** What is told of a request that the request path refused. Nothing here is free text or a secret. */
export interface RefusalFields {
  readonly limit?: string
  readonly code?: string
  readonly times?: number | null
  readonly action: string
  readonly outcome: string
  /** An id, a digest, or the address. */
  readonly subject: string
}

export type RequestLine<Fields> = (requestId: string, fields: Fields) => void
export type AccessLine = RequestLine<AccessFields>
export type RefusalLine = RequestLine<RefusalFields>

/** Writes the one line that each request has. */
export const createAccessLine = (logger: Logger, tracing: Pick<Tracing, 'isOn' | 'ids'>): AccessLine =>
  createRequestLine<AccessFields>('request', logger, tracing)

/** Writes the line of a refusal to the security log: what comes in floods must not cost more than what is served. */
export const createRefusalLine = (logger: Logger, tracing: Pick<Tracing, 'isOn' | 'ids'>): RefusalLine =>
  createRequestLine<RefusalFields>('security', logger, tracing)

/**
 * Writes lines about requests, as the logger would, to where it writes. Made at once and not by the logger: its look for secrets and a
 * logger for each request cost more than the rest of the line.
 */
function createRequestLine<Fields extends object>(
  event: 'request' | 'security',
  logger: Logger,
  tracing: Pick<Tracing, 'isOn' | 'ids'>,
): RequestLine<Fields> {
  const output = outputOf(logger)
  const base = innerJson(logger.bindings())
  const about = `"event":"${event}"`
  const time = createIsoTime()
  return (requestId, fields) => {
    if (!logger.isLevelEnabled('info')) return
    const ids = tracing.isOn ? tracing.ids() : null
    const head = `{"level":"info","time":"${time()}",${base}"request_id":${JSON.stringify(requestId)},`
    output.write(`${head}${ids ? innerJson(ids) : ''}${about},${innerJson(fields)}"msg":"${event}"}\n`)
  }
}

/** The fields of an object as they stand in a line, each with the comma after it. */
function innerJson(fields: object): string {
  const json = JSON.stringify(fields)
  return json === '{}' ? '' : `${json.slice(1, -1)},`
}

interface Output {
  write(line: string): void
}

function outputOf(logger: Logger): Output {
  return (logger as unknown as Record<symbol, Output>)[pino.symbols.streamSym] as Output
}
