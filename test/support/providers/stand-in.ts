import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** A request as a provider got it. */
export interface Received {
  method: string
  path: string
  query: URLSearchParams
  headers: IncomingMessage['headers']
  body: Buffer
}

export interface Reply {
  status?: number
  headers?: Record<string, string>
  body?: Buffer | string | object
}

/**
 * How a provider behaves in place of serving. `hang`: takes the request and says nothing. `reset`: cuts the connection before it answers.
 * `cut`: breaks off within the answer. `endless`: an answer that does not end.
 */
export type Mood = 'serve' | 'hang' | 'reset' | 'cut' | 'endless' | Reply

export interface StandIn {
  /** `http://127.0.0.1:port` */
  url: string
  received: Received[]
  /** From now on, or for as many requests, after which it serves again. */
  behave(mood: Mood, times?: number): void
  /** Refuses connections, and cuts those that stand. */
  stop(): Promise<void>
  /** Listens again, at the same address. */
  start(): Promise<void>
  /** Requests whose client has gone before they were answered. */
  readonly abandoned: number
}

type Serve = (request: Received) => Reply | Promise<Reply>
type Upgrade = (request: IncomingMessage, socket: Socket, head: Buffer) => void

const CHUNK = Buffer.alloc(65_536, 'x')

/** An HTTP server on loopback that speaks one provider's protocol, and fails as providers do. Ended with the test. */
export async function startStandIn(
  t: { teardown(end: () => Promise<void>): void },
  serve: Serve,
  onUpgrade?: Upgrade,
): Promise<StandIn> {
  const received: Received[] = []
  const sockets = new Set<Socket>()
  let mood: Mood = 'serve'
  let left = Number.POSITIVE_INFINITY
  let abandoned = 0
  let port = 0

  function takeMood(): Mood {
    if (left <= 0) return 'serve'
    left--
    return mood
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const now = takeMood()
    response.once('close', () => {
      if (!response.writableFinished) abandoned++
    })
    if (now === 'reset') return void request.socket.resetAndDestroy()
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://stand-in')
    const taken: Received = {
      ...{ method: request.method ?? '', path: pathname, query: searchParams },
      ...{ headers: request.headers, body: Buffer.concat(chunks) },
    }
    received.push(taken)
    if (now === 'hang') return
    if (now === 'endless') return pour(response)
    const reply = typeof now === 'object' ? now : await serve(taken)
    const { status = 200, headers = {}, body = '' } = reply
    const isRaw = typeof body === 'string' || Buffer.isBuffer(body)
    const bytes = Buffer.from(isRaw ? body : JSON.stringify(body))
    response.writeHead(status, {
      'content-type': isRaw ? 'text/plain' : 'application/json',
      'content-length': bytes.length,
      ...headers,
    })
    if (now !== 'cut') return void response.end(bytes)
    response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => request.socket.destroy())
  }

  function pour(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json' })
    const more = (): void => {
      while (!response.destroyed && response.write(CHUNK)) {}
    }
    response.on('drain', more)
    more()
  }

  const server = createServer((request, response) => void handle(request, response).catch(() => response.destroy()))
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined)
  })
  if (onUpgrade)
    server.on('upgrade', (request, socket, head) => {
      const now = takeMood()
      if (now === 'hang') return
      if (typeof now !== 'object') return onUpgrade(request, socket as Socket, head)
      socket.end(`HTTP/1.1 ${now.status ?? 500} No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    })

  async function start(): Promise<void> {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }

  async function stop(): Promise<void> {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }

  await start()
  t.teardown(stop)
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    behave(next, times = Number.POSITIVE_INFINITY) {
      mood = next
      left = times
    },
    stop,
    start,
    get abandoned() {
      return abandoned
    },
  }
}
