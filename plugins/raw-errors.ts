import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ConnectionError, FastifyBaseLogger } from 'fastify'
import { AppError, errorBody } from '../errors.ts'
import { normaliseAddress } from './client-address.ts'
import { requestIdOf } from './request-id.ts'

interface RawErrorsDeps {
  headers: Readonly<Record<string, string>>
  log: FastifyBaseLogger
  count: (status: number) => void
}

type RawSocket = Duplex & { remoteAddress?: string | undefined; _httpMessage?: { headersSent: boolean } | null }

export type RawErrors = ReturnType<typeof createRawErrors>

/** Answers what never became a request, on the socket itself, with the same headers and body as everything else. */
export function createRawErrors({ headers, log, count }: RawErrorsDeps) {
  /** Answers and closes. */
  function answer(socket: RawSocket, status: 400 | 408 | 431): void {
    const id = requestIdOf({ headers: {} })
    const body = JSON.stringify(errorBody(new AppError('MALFORMED_REQUEST'), id))
    const head = {
      ...headers,
      'x-request-id': id,
      date: new Date().toUTCString(),
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(Buffer.byteLength(body)),
      connection: 'close',
    }
    const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`, () => socket.destroy())
    count(status)
    const ip = normaliseAddress(socket.remoteAddress)
    const line = { event: 'request', request_id: id, method: '(unparsed)', route: '(unparsed)', status }
    log.info({ ...line, time_ms: 0, user_id: null, ip }, 'request')
  }

  return {
    answer,
    /** For Fastify's `clientErrorHandler`. */
    onClientError(error: ConnectionError, socket: RawSocket): void {
      const answering = socket._httpMessage?.headersSent === true
      if (error.code === 'ECONNRESET' || !socket.writable || answering) {
        socket.destroy()
        return
      }
      if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') answer(socket, 408)
      else answer(socket, error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400)
    },
  }
}
