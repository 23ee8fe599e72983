import { IncomingMessage, ServerResponse, validateHeaderName, validateHeaderValue } from 'node:http'
import { Socket } from 'node:net'
import type { FastifyReply } from 'fastify'

/** Headers that many answers share, checked once. */
export interface FixedHeaders {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** The same, as they stand in an answer. */
  readonly lines: string
  readonly names: ReadonlySet<string>
}

/** Node decides by these how the answer goes out: it must see them. */
const DECIDING = [
  'connection',
  'content-length',
  'date',
  'expect',
  'keep-alive',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/** Throws for a name or a value that may not stand in a header, and for headers that Node itself looks at. */
export function fixedHeaders(headers: Readonly<Record<string, string>>): FixedHeaders {
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name)
    validateHeaderValue(name, value)
    if (name !== name.toLowerCase() || DECIDING.includes(name)) throw new Error(`${name} cannot be a fixed header`)
  }
  return { headers, lines: linesOf(Object.entries(headers)), names: new Set(Object.keys(headers)) }
}

/** Puts them on an answer, in place of the fixed headers that it had. A header that the answer has itself goes before the fixed one. */
export function setFixedHeaders(reply: FastifyReply, fixed: FixedHeaders): void {
  if (reply.raw instanceof CheckedResponse) reply.raw.fixed = fixed
  else reply.headers(fixed.headers)
}

/** The same for one header of one answer. Its value is ours or was checked: nothing in it may end a line, for nobody looks again. */
export function setCheckedHeader(reply: FastifyReply, name: Lowercase<string>, value: string): void {
  if (reply.raw instanceof CheckedResponse) reply.raw.checked[name] = value
  else reply.header(name, value)
}

type StoreHeader = (this: ServerResponse, statusLine: string, headers: Headers) => void
/** By names in lower case, as the framework has them. */
type Headers = Readonly<Record<string, unknown>> | undefined

/** Node's own, which writes the head of an answer. Not in its documentation: `responseClass` finds out whether it is what it was. */
const storeHeader = (ServerResponse.prototype as unknown as { _storeHeader: StoreHeader })._storeHeader

/**
 * Writes what needs no check as text behind the status line. Node looks at each character of each header of each answer, which for as
 * many as ours takes more than reading the request.
 */
class CheckedResponse extends ServerResponse {
  fixed: FixedHeaders | null = null
  readonly checked: Record<string, string> = {}

  _storeHeader(statusLine: string, headers: Headers): void {
    let head = statusLine
    if (this.fixed) head += linesBeside(this.fixed, headers)
    for (const name in this.checked) if (!headers || !(name in headers)) head += `${name}: ${this.checked[name]}\r\n`
    storeHeader.call(this, head, headers)
  }
}

/** The class of answers for `http.createServer`: Node's own, where this Node writes heads in another way. */
export function responseClass(): typeof ServerResponse {
  let written = false
  class Probe extends CheckedResponse {
    override _storeHeader(statusLine: unknown): void {
      written = statusLine === 'HTTP/1.1 204 No Content\r\n'
    }
  }
  if (typeof storeHeader === 'function') new Probe(new IncomingMessage(new Socket())).writeHead(204)
  return written ? (CheckedResponse as typeof ServerResponse) : ServerResponse
}

/** The lines of those that the answer does not have itself. */
function linesBeside({ headers, lines, names }: FixedHeaders, own: Headers): string {
  for (const name in own)
    if (names.has(name)) return linesOf(Object.entries(headers).filter(([each]) => !(each in own)))
  return lines
}

function linesOf(headers: readonly (readonly [string, string])[]): string {
  return headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
}
