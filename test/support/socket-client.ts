import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { type RawData, WebSocket } from 'ws'
import { send } from './client.ts'
import { requireDescribed } from './described-frames.ts'

export interface Frame {
  type: string
  seq?: number
  [field: string]: unknown
}

export interface Refusal {
  status: number
  headers: IncomingHttpHeaders
  body: { code: string; message: string; status: string; request_id: string }
}

export interface SocketOptions {
  /** Sends `Authorization: Bearer`. */
  token?: string
  origin?: string
  /** In place of `fluentmeet.v1` and the ticket. */
  protocols?: string[]
  headers?: Record<string, string>
  /** Called with the socket before it is open, for instance to send at once. */
  onSocket?: (ws: WebSocket) => void
}

export interface TestSocket {
  ws: WebSocket
  /** Every frame so far, in order. */
  frames: Frame[]
  /** `open`, or the HTTP status of the refusal. */
  opened: Promise<'open' | number>
  /** The refusal's answer; null when the socket opened. */
  refusal: Refusal | null
  /** The close code. */
  closed: Promise<number>
  closeReason(): string
  /** Every frame so far, sound too: a binary one is its bytes. */
  all: (Frame | Buffer)[]
  send(frame: object): void
  sendRaw(data: string | Buffer): void
  /** Takes the first frame not taken yet that is of the type, or satisfies the predicate; fails after ten seconds, or as many as told. */
  next(wanted: string | ((frame: Frame) => boolean), patienceMs?: number): Promise<Frame>
  close(): void
}

const PATIENCE_MS = 10_000

/** Opens a meeting socket as a real client does. Resolves when it is open or refused; closes with the test. A frame that is not as described fails the test. */
export async function connect(
  t: { teardown(end: () => void): void },
  base: string,
  roomCode: string,
  ticket?: string,
  options: SocketOptions = {},
): Promise<TestSocket> {
  const protocols = options.protocols ?? ['fluentmeet.v1', ...(ticket === undefined ? [] : [`ticket.${ticket}`])]
  const ws = new WebSocket(`${base.replace(/^http/, 'ws')}/api/v1/ws/meetings/${roomCode}`, protocols, {
    ...(options.origin === undefined ? {} : { origin: options.origin }),
    headers: { ...(options.token ? { authorization: `Bearer ${options.token}` } : {}), ...options.headers },
    perMessageDeflate: false,
  })
  t.teardown(() => ws.terminate())
  const frames: Frame[] = []
  const untaken: Frame[] = []
  const all: (Frame | Buffer)[] = []
  const wakers = new Set<() => void>()
  let reason = ''
  let done: number | null = null

  ws.on('error', () => {})
  ws.on('message', (data: RawData, isBinary) => {
    if (isBinary) all.push(data as Buffer)
    else {
      const frame = JSON.parse(data.toString()) as Frame
      requireDescribed(frame)
      all.push(frame)
      frames.push(frame)
      untaken.push(frame)
    }
    for (const wake of wakers) wake()
  })
  const closed = new Promise<number>((resolve) => {
    ws.once('close', (code, text) => {
      reason = text.toString()
      done = code
      for (const wake of wakers) wake()
      resolve(code)
    })
  })
  const outcome = new Promise<Refusal | null>((resolve, reject) => {
    ws.once('open', () => resolve(null))
    ws.once('unexpected-response', (_request, response) => readRefusal(response).then(resolve, reject))
    ws.once('close', () => reject(new Error('the socket closed before it was open')))
  })
  options.onSocket?.(ws)
  const refusal = await outcome
  if (refusal) ws.terminate()

  function next(wanted: string | ((frame: Frame) => boolean), patienceMs = PATIENCE_MS): Promise<Frame> {
    const matches = typeof wanted === 'string' ? (frame: Frame) => frame.type === wanted : wanted
    return new Promise((resolve, reject) => {
      const wake = () => {
        const index = untaken.findIndex(matches)
        const [frame] = index === -1 ? [] : untaken.splice(index, 1)
        if (frame) settle(() => resolve(frame))
        else if (done !== null) settle(() => reject(new Error(`closed ${done} before ${wanted}`)))
      }
      const settle = (finish: () => void) => {
        clearTimeout(timer)
        wakers.delete(wake)
        finish()
      }
      const late = () => reject(new Error(`no ${wanted} came; got ${frames.map(({ type }) => type).join(', ')}`))
      const timer = setTimeout(() => settle(late), patienceMs)
      wakers.add(wake)
      wake()
    })
  }

  return {
    ws,
    frames,
    all,
    opened: Promise.resolve(refusal ? refusal.status : 'open'),
    refusal,
    closed,
    closeReason: () => reason,
    send: (frame) => ws.send(JSON.stringify(frame)),
    sendRaw: (data) => ws.send(data),
    next,
    close: () => ws.close(1000),
  }
}

/** A ticket for one socket. */
export async function ticketFor(base: string, roomCode: string, token: string, origin?: string): Promise<string> {
  const headers = origin === undefined ? {} : { origin }
  const path = `/api/v1/meetings/${roomCode}/ws-ticket`
  const answer = await send<{ ticket: string }>(base, 'POST', path, { token, headers })
  if (answer.status >= 300) throw new Error(`ws-ticket answered ${answer.status}: ${JSON.stringify(answer.body)}`)
  return answer.body.ticket
}

async function readRefusal(response: IncomingMessage): Promise<Refusal> {
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += chunk
  return { status: response.statusCode ?? 0, headers: response.headers, body: JSON.parse(text) as Refusal['body'] }
}
