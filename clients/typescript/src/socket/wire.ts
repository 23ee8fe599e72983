import type { ClientFrame, ServerFrame } from './frames.ts'
import type { Clock, SocketConstructor, SocketLike } from './ports.ts'

/** One connection, from its opening to its end. */
export interface Wire {
  /** False when it is not open. */
  send(frame: ClientFrame): boolean
  /** False when it is not open, or full: late sound is of no use. */
  sendAudio(samples: ArrayBuffer): boolean
  /** Not waiting for the other side to agree: it may be gone. Nothing that comes from it counts from here on. */
  drop(code?: number): void
}

export interface WireOptions {
  url: string
  ticket: string
  WebSocket: SocketConstructor
  clock: Clock
  onOpen(): void
  onFrame(frame: ServerFrame): void
  onAudio(sound: ArrayBuffer): void
  /** The close code; null when nothing was heard for too long. */
  onEnd(code: number | null): void
}

const PROTOCOL = 'fluentmeet.v1'
const OPEN = 1
const PING_EVERY_MS = 20_000
/** Without a word for so long the connection is dead, whatever the WebSocket thinks. */
const SILENT_MS = 45_000
const MAX_BUFFERED_BYTES = 64 * 1024

export function openWire({ url, ticket, WebSocket, clock, ...events }: WireOptions): Wire {
  const socket: SocketLike = new WebSocket(url, [PROTOCOL, `ticket.${ticket}`])
  socket.binaryType = 'arraybuffer'
  let heardAt = clock.now()
  let stopWatch = clock.after(PING_EVERY_MS, watch)

  function watch(): void {
    if (clock.now() - heardAt > SILENT_MS) {
      drop()
      events.onEnd(null)
    } else {
      send({ type: 'ping' })
      stopWatch = clock.after(PING_EVERY_MS, watch)
    }
  }

  function detach(): void {
    stopWatch()
    socket.onopen = null
    socket.onmessage = null
    socket.onclose = null
  }

  function drop(code?: number): void {
    detach()
    socket.close(code)
  }

  function send(frame: ClientFrame): boolean {
    if (socket.readyState !== OPEN) return false
    socket.send(JSON.stringify(frame))
    return true
  }

  socket.onopen = () => {
    heardAt = clock.now()
    events.onOpen()
  }
  socket.onmessage = ({ data }: { data: string | ArrayBuffer }) => {
    heardAt = clock.now()
    if (typeof data === 'string') events.onFrame(JSON.parse(data) as ServerFrame)
    else events.onAudio(data)
  }
  // What is wrong comes as a close too.
  socket.onerror = () => {}
  socket.onclose = ({ code }: { code: number }) => {
    detach()
    events.onEnd(code)
  }

  return {
    send,
    drop,
    sendAudio(samples) {
      if (socket.readyState !== OPEN || socket.bufferedAmount >= MAX_BUFFERED_BYTES) return false
      socket.send(samples)
      return true
    },
  }
}
