import { type ReadonlySignal, signal } from '@preact/signals'
import { ApiError } from '../api/client.ts'
import { pauseBefore } from './backoff.ts'
import type { Entry, Outcome } from './entry.ts'
import { createEventOrder } from './event-order.ts'
import type { ClientMessage, ServerFrame } from './frames.ts'

export type ConnectionStatus = 'connecting' | 'online' | 'offline'

/** One person's way to a meeting, over as many sockets as it takes. */
export interface Connection {
  /** `online`: all that was missed has been delivered, and what is said now is heard. */
  readonly status: ReadonlySignal<ConnectionStatus>
  /** Whether something that was missed is no longer kept. */
  readonly gap: ReadonlySignal<boolean>
  /** False when there is no connection to send it on. */
  send(frame: ClientMessage): boolean
  /** Samples, two bytes each; dropped when the way is full: late sound is of no use. */
  sendAudio(samples: ArrayBuffer): void
  /** Ends it; the meeting is not left by that. */
  close(): void
}

export interface ConnectionDeps {
  entry: Pick<Entry, 'code' | 'call' | 'rejoin' | 'joined'>
  /** Every event once, in the order of the numbers. */
  onFrame(frame: ServerFrame): void
  /** The sound that belongs to the last `speech` frame. */
  onSound(data: ArrayBuffer): void
  onOver(outcome: Outcome): void
  /** Whether one was inside: who waits at the door and is sent away does not knock again by itself. */
  wasInside(): boolean
}

/** Close codes that nothing comes after. 4401 is none of them: a token that ended can be renewed. */
const OVER: Readonly<Record<number, Outcome>> = {
  1000: 'left',
  4400: 'failed',
  4403: 'removed',
  4409: 'elsewhere',
  4410: 'ended',
}
const PASSING = new Set([
  'NO_SERVER',
  'SERVICE_UNAVAILABLE',
  'RATE_LIMIT_EXCEEDED',
  'ROOM_FULL',
  'INTERNAL_ERROR',
  'UNKNOWN',
])
const PING_EVERY_MS = 20_000
/** Without a word for so long the connection is dead, whatever the browser thinks. */
const SILENT_MS = 45_000
const MAX_BUFFERED_BYTES = 64 * 1024
const RESUMED = 'resumed'

export function createConnection({ entry, onFrame, onSound, onOver, wasInside }: ConnectionDeps): Connection {
  const status = signal<ConnectionStatus>('connecting')
  const gap = signal(false)
  const order = createEventOrder(onFrame)
  let socket: WebSocket | null = null
  let isConnecting = false
  let failures = 0
  let isOver = false
  let heardAt = 0
  let retry: ReturnType<typeof setTimeout> | undefined
  const pinging = setInterval(watch, PING_EVERY_MS)
  // The network is back: no need to wait for the next try.
  const comeBack = () => {
    if (status.value !== 'offline') return
    clearTimeout(retry)
    void connect()
  }
  addEventListener('online', comeBack)

  function over(outcome: Outcome | null): void {
    if (isOver) return
    isOver = true
    clearInterval(pinging)
    clearTimeout(retry)
    removeEventListener('online', comeBack)
    socket?.close(1000)
    if (outcome) onOver(outcome)
  }

  async function connect(): Promise<void> {
    if (isOver || socket || isConnecting) return
    isConnecting = true
    try {
      const { ticket } = await newTicket()
      if (!isOver) open(ticket)
    } catch (error) {
      if (error instanceof ApiError && !PASSING.has(error.code)) return over(outcomeOf(error))
      tryLater(error instanceof ApiError ? error.retryAfter * 1000 : 0)
    } finally {
      isConnecting = false
    }
  }

  /** Whoever was away for long has lost the place, and joins once more as who it was. */
  async function newTicket(): Promise<{ ticket: string }> {
    const ask = () => entry.call<{ ticket: string }>('POST', `/meetings/${entry.code}/ws-ticket`)
    try {
      return await ask()
    } catch (error) {
      const isOut = error instanceof ApiError && (error.code === 'FORBIDDEN' || error.code === 'NOT_FOUND')
      if (!isOut || !wasInside()) throw error
      await entry.rejoin()
      return ask()
    }
  }

  function outcomeOf({ code, status }: ApiError): Outcome {
    if (code === 'ROOM_ENDED') return 'ended'
    if (code === 'FORBIDDEN') return wasInside() ? 'removed' : 'rejected'
    // A guest was never signed in: its token ends with its place, and the door tells why.
    return status === 401 && entry.joined.guest_token === undefined ? 'signed_out' : 'failed'
  }

  function open(ticket: string): void {
    const address = `${location.origin.replace(/^http/, 'ws')}/api/v1/ws/meetings/${entry.code}`
    const ws = new WebSocket(address, ['fluentmeet.v1', `ticket.${ticket}`])
    ws.binaryType = 'arraybuffer'
    socket = ws
    order.begin()
    ws.onopen = () => {
      heardAt = Date.now()
      // Frames are acted on in order: with the pong all that was missed is here.
      if (order.lastSeq !== null) send({ type: 'resume', after_seq: order.lastSeq })
      send({ type: 'ping', id: RESUMED })
    }
    ws.onmessage = ({ data }) => {
      heardAt = Date.now()
      if (socket !== ws) return
      if (typeof data === 'string') receive(ws, JSON.parse(data) as ServerFrame)
      else onSound(data as ArrayBuffer)
    }
    ws.onclose = ({ code }) => {
      if (socket !== ws) return
      socket = null
      const outcome = OVER[code]
      if (outcome) over(outcome)
      else tryLater(0)
    }
  }

  function receive(ws: WebSocket, frame: ServerFrame): void {
    if (frame.type === 'pong' && frame.id === RESUMED) {
      failures = 0
      order.settle()
      status.value = 'online'
    } else if (frame.type === 'error' && frame.ref === 'resume') {
      if (frame.code === 'CONFLICT') {
        gap.value = true
        order.skipMissed()
      } else ws.close()
    } else order.receive(frame)
  }

  function tryLater(atLeastMs: number): void {
    if (isOver) return
    status.value = 'offline'
    clearTimeout(retry)
    retry = setTimeout(connect, Math.max(atLeastMs, pauseBefore(failures++)))
  }

  function send(frame: ClientMessage): boolean {
    if (socket?.readyState !== WebSocket.OPEN) return false
    socket.send(JSON.stringify(frame))
    return true
  }

  function watch(): void {
    if (!socket || socket.readyState !== WebSocket.OPEN) return
    if (Date.now() - heardAt > SILENT_MS) drop()
    else send({ type: 'ping' })
  }

  /** Not waiting for the other side to agree: it may be gone. */
  function drop(): void {
    const ws = socket
    socket = null
    ws?.close()
    tryLater(0)
  }

  void connect()
  return {
    status,
    gap,
    send,
    sendAudio(samples) {
      if (status.value === 'online' && socket && socket.bufferedAmount < MAX_BUFFERED_BYTES) socket.send(samples)
    },
    close: () => over(null),
  }
}
