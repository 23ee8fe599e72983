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

/**
 * Puts them on an answer. A set that takes the place of another has all its names. A header that the answer has itself goes before the
 * fixed one. `reply.getHeader` does not see them.
 */
export function setFixedHeaders(reply: FastifyReply, fixed: FixedHeaders): void {
  if (reply.raw instanceof CheckedResponse) reply.raw.fixed = fixed
  else reply.headers(fixed.headers)
}

/** The same for one header of one answer. Its value is ours or was checked: nothing in it may end a line, for nobody looks again. */
export function setCheckedHeader(reply: FastifyReply, name: Lowercase<string>, value: string): void {
  if (reply.raw instanceof CheckedResponse) reply.raw.addChecked(name, value)
  else reply.header(name, value)
}

type StoreHeader = (this: ServerResponse, statusLine: string, headers: Headers) => void
/** By names in lower case, as the framework and Node have them. */
type Headers = Readonly<Record<string, unknown>> | undefined

/** Node's own, which writes the head of an answer. Not in its documentation: `responseClass` finds out whether it is what it was. */
const storeHeader = (ServerResponse.prototype as unknown as { _storeHeader: StoreHeader })._storeHeader

/**
 * Writes what needs no check as text behind the status line. Node looks at each character of each header of each answer, which for as
 * many as ours takes more than reading the request.
 */
class CheckedResponse extends ServerResponse {
  fixed: FixedHeaders | null = null
  /** Names and values in turn. */
  readonly checked: string[] = []

  addChecked(name: string, value: string): void {
    for (let at = 0; at < this.checked.length; at += 2) {
      if (this.checked[at] !== name) continue
      this.checked[at + 1] = value
      return
    }
    this.checked.push(name, value)
  }

  _storeHeader(statusLine: string, headers: Headers): void {
    let head = statusLine
    if (this.fixed) head += linesBeside(this.fixed, headers)
    for (let at = 0; at < this.checked.length; at += 2)
      if (!has(headers, this.checked[at] ?? '')) head += `${this.checked[at]}: ${this.checked[at + 1]}\r\n`
    storeHeader.call(this, head, headers)
  }
}

/** The class of answers for `http.createServer`: Node's own, where this Node writes heads in another way. */
export function responseClass(): typeof ServerResponse {
  try {
    return writesHeads() ? (CheckedResponse as typeof ServerResponse) : ServerResponse
  } catch {
    return ServerResponse
  }
}

/** Whether each header is written once, however the answer's own are given. */
function writesHeads(): boolean {
  const fixed = fixedHeaders({ 'x-fixed': '1', 'x-own': '1' })
  return [true, false].every((apart) => {
    const response = new CheckedResponse(new IncomingMessage(new Socket()))
    response.fixed = fixed
    response.addChecked('x-checked', '1')
    if (apart) response.setHeader('X-Own', '2')
    response.writeHead(200, apart ? {} : { 'x-own': '2' })
    const { _header: head = '' } = response as { _header?: string }
    const lines = head.toLowerCase().split('\r\n')
    return (
      lines
        .filter((line) => line.startsWith('x-'))
        .sort()
        .join() === 'x-checked: 1,x-fixed: 1,x-own: 2'
    )
  })
}

/** The lines of those that the answer does not have itself. */
function linesBeside({ headers, lines, names }: FixedHeaders, own: Headers): string {
  for (const name in own)
    if (names.has(name)) return linesOf(Object.entries(headers).filter(([each]) => !has(own, each)))
  return lines
}

function has(headers: Headers, name: string): boolean {
  return headers !== undefined && Object.hasOwn(headers, name)
}

function linesOf(headers: readonly (readonly [string, string])[]): string {
  return headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
}
