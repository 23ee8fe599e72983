import { type WebSocket, WebSocketServer } from 'ws'
import { readWav } from '../../../pipeline/wav.ts'
import { type Received, type Reply, type StandIn, startStandIn } from './stand-in.ts'

export interface DeepgramStandIn extends StandIn {
  base: string
  /** What is said, word by word: one for each half second of sound. */
  words: string[]
  /** The connection that was opened last. */
  live: { ws: WebSocket; query: URLSearchParams; audioBytes: number; controls: string[] } | null
  /** Tells something of its own. */
  tell(message: string): void
}

const HALF_SECOND = 16_000

/** Deepgram's protocol, over HTTP and over a WebSocket. `key`: what it asks for. */
export async function startDeepgram(
  t: { teardown(end: () => Promise<void>): void },
  { key }: { key: string },
): Promise<DeepgramStandIn> {
  const sockets = new WebSocketServer({ noServer: true })
  const words = ['see', 'you', 'on', 'friday']

  function serve({ method, path, query, headers, body }: Received): Reply {
    if (headers.authorization !== `Token ${key}`) return { status: 401, body: { err_code: 'INVALID_AUTH' } }
    if (method !== 'POST' || path !== '/v1/listen') return { status: 404, body: {} }
    const sound = readWav(body)
    if (!sound) return { status: 400, body: { err_code: 'Bad Request', err_msg: 'corrupt or unsupported data' } }
    const transcript = words.join(' ')
    const found = query.get('detect_language') === 'true' ? { detected_language: 'es' } : {}
    const channels = [{ ...found, alternatives: [{ transcript, confidence: 0.9, words: [] }] }]
    const utterances = query.get('utterances') === 'true' ? { utterances: [{ start: 0.1, end: 99, transcript }] } : {}
    return { body: { metadata: { duration: 1 }, results: { channels, ...utterances } } }
  }

  function listen(ws: WebSocket, query: URLSearchParams): void {
    const live = { ws, query, audioBytes: 0, controls: [] as string[] }
    standIn.live = live
    let said = 0
    const results = (some: string[], is_final: boolean, speech_final: boolean) =>
      ws.send(
        JSON.stringify({
          ...{ type: 'Results', channel_index: [0, 1], is_final, speech_final },
          channel: { alternatives: [{ transcript: some.join(' '), confidence: 0.9 }] },
        }),
      )
    ws.on('message', (data: Buffer, isBinary) => {
      if (isBinary) {
        live.audioBytes += data.length
        const heard = Math.min(words.length, Math.floor(live.audioBytes / HALF_SECOND))
        // Settled in two pieces; the pause after the last word ends the utterance.
        if (heard > said && heard < words.length) results(words.slice(said >= 2 ? 2 : 0, heard), heard === 2, false)
        if (heard > said && heard === words.length) results(words.slice(2), true, true)
        said = Math.max(said, heard)
        return
      }
      const { type } = JSON.parse(data.toString())
      live.controls.push(type)
      if (type !== 'CloseStream') return
      if (said > 0 && said < words.length) results(words.slice(said >= 2 ? 2 : 0, said + 1), true, false)
      ws.send(JSON.stringify({ type: 'Metadata', request_id: 'r', duration: 1, channels: 1 }))
      ws.close(1000)
    })
  }

  const started = await startStandIn(t, serve, (request, socket, head) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://stand-in')
    const isKnown = request.headers.authorization === `Token ${key}`
    if (!isKnown || pathname !== '/v1/listen')
      return socket.end(`HTTP/1.1 ${isKnown ? 404 : 401} No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    sockets.handleUpgrade(request, socket, head, (ws) => listen(ws, searchParams))
  })
  const standIn: DeepgramStandIn = Object.assign(started, {
    base: `${started.url}/v1`,
    words,
    live: null,
    tell: (message: string) => standIn.live?.ws.send(message),
  })
  return standIn
}
