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

export type AccessLine = (requestId: string, fields: AccessFields) => void

/**
 * Writes the one line that each request has, as the logger would, to where it writes. Made at once and not by the logger: its look for
 * secrets and a logger for each request cost more than the rest of the line.
 */
export function createAccessLine(logger: Logger, tracing: Pick<Tracing, 'isOn' | 'ids'>): AccessLine {
  const output = outputOf(logger)
  const base = logger.bindings()
  const time = createIsoTime()
  return (request_id, fields) => {
    if (!logger.isLevelEnabled('info')) return
    const ids = tracing.isOn ? tracing.ids() : null
    const line = {
      level: 'info',
      time: time(),
      ...base,
      request_id,
      ...ids,
      event: 'request',
      ...fields,
      msg: 'request',
    }
    output.write(`${JSON.stringify(line)}\n`)
  }
}

interface Output {
  write(line: string): void
}

function outputOf(logger: Logger): Output {
  return (logger as unknown as Record<symbol, Output>)[pino.symbols.streamSym] as Output
}
