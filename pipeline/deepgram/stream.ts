import { WebSocket } from 'ws'
import { EngineError, type EngineFault } from '../engine-error.ts'
import type { TranscriberStream, TranscriberStreamRequest } from '../transcriber.ts'
import { toPcm } from '../wav.ts'
import { createUtterance } from './utterance.ts'

export interface StreamOptions extends TranscriberStreamRequest {
  /** The engine's name, for errors. */
  engine: string
  /** `wss://…/listen?…`, without the encoding. Never holds a key. */
  address: string
  headers: Readonly<Record<string, string>>
  keepAliveMs: number
  /** The connection is over, however it ended. */
  onEnd(): void
}

const SAMPLE_RATE = 16_000
const ENCODING = `&encoding=linear16&sample_rate=${SAMPLE_RATE}&channels=1&interim_results=true&endpointing=300`
const CONNECT_MS = 5_000
const FINISH_MS = 5_000
const MAX_FRAME_BYTES = 1024 * 1024
/** Twenty seconds of sound that the provider has not taken: it is no longer live. */
const MAX_UNSENT_BYTES = 20 * SAMPLE_RATE * 2

/**
 * One speaker's speech over one connection. It is not opened again when it breaks: what was said meanwhile would be lost unseen, so
 * the error goes to the stage: to `onError`, or to `finish` when that is under way. After either, and after `abort`, nothing is called.
 */
export function openStream(options: StreamOptions): TranscriberStream {
  const { engine, address, headers, onInterim, onFinal, onError, onEnd } = options
  const ws = new WebSocket(address + ENCODING, {
    headers,
    handshakeTimeout: CONNECT_MS,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    followRedirects: false,
  })
  const utterance = createUtterance({ onInterim, onFinal })
  const ended = Promise.withResolvers<void>()
  // Nobody may wait for it when it fails.
  ended.promise.catch(() => undefined)
  /** Sound from before the connection stood. */
  let early: Buffer[] = []
  let earlyBytes = 0
  let isOver = false
  let isFinishing = false
  let finishTimer: NodeJS.Timeout | undefined

  const keepAlive = setInterval(() => sendControl('KeepAlive'), options.keepAliveMs)

  function end(): boolean {
    if (isOver) return false
    isOver = true
    early = []
    clearInterval(keepAlive)
    clearTimeout(finishTimer)
    ws.terminate()
    onEnd()
    return true
  }

  function fail(fault: EngineFault, what: string): void {
    if (!end()) return
    // What is settled is not lost.
    utterance.flush()
    const error = new EngineError(engine, fault, what)
    if (isFinishing) ended.reject(error)
    else onError(error)
  }

  function sendControl(type: 'KeepAlive' | 'CloseStream'): void {
    if (ws.readyState === WebSocket.OPEN) ws.send(JSON.stringify({ type }))
  }

  /** All is said, and all of it is known. */
  function complete(): void {
    if (!end()) return
    utterance.flush()
    ended.resolve()
  }

  ws.on('open', () => {
    for (const pcm of early) ws.send(pcm)
    early = []
    if (isFinishing) sendControl('CloseStream')
  })
  ws.on('message', (data, isBinary) => {
    if (isOver || isBinary) return
    const outcome = utterance.take(String(data))
    if (outcome === 'garbage') fail('garbage', 'a message that cannot be read')
    else if (outcome === 'error') fail('failed', 'reported an error')
    else if (outcome === 'end' && isFinishing) complete()
  })
  ws.on('unexpected-response', (_request, response) => {
    const status = response.statusCode ?? 0
    response.resume()
    const fault = status === 401 || status === 402 || status === 403 ? 'refused' : status === 429 ? 'busy' : 'failed'
    fail(fault, `answered ${status}`)
  })
  // The library's message may hold the address.
  ws.on('error', (error) =>
    fail('unreachable', `the connection failed (${(error as { code?: string }).code ?? 'unknown'})`),
  )
  ws.on('close', (code) => {
    if (isFinishing && code === 1000) complete()
    else fail('failed', `the connection closed (${code})`)
  })

  return {
    push(samples) {
      if (isOver || isFinishing) return
      const pcm = toPcm(samples)
      const isOpen = ws.readyState === WebSocket.OPEN
      if (isOpen) ws.send(pcm)
      else {
        early.push(pcm)
        earlyBytes += pcm.length
      }
      if ((isOpen ? ws.bufferedAmount : earlyBytes) > MAX_UNSENT_BYTES) fail('slow', 'does not take what is said')
    },
    finish() {
      if (!isFinishing && !isOver) {
        isFinishing = true
        sendControl('CloseStream')
        finishTimer = setTimeout(() => fail('slow', `did not finish within ${FINISH_MS} ms`), FINISH_MS)
      } else if (isOver) ended.resolve()
      return ended.promise
    },
    abort() {
      if (end()) ended.resolve()
    },
  }
}
