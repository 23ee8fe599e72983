import type { WebSocket } from 'ws'
import type { EventFrames, Reader } from './frames.ts'
import { BINARY_BYTES, CLOSE, MAX_HELD, SLOW_BYTES, TOO_SLOW_BYTES } from './limits.ts'

/** What a socket is sent: each numbered event once, in order, and no more than its reader takes. */
export interface Outbox {
  /** Numbers in (`low`, `high`] were sent on this connection. */
  low: number
  high: number
  /** Sends an object as JSON, now. */
  send(frame: object): void
  /** Sends an event in the reader's language, unless it was sent; waits while events are held back. */
  deliver(frames: EventFrames): void
  /** Sends a kept event past the held ones. Resolves when the reader keeps up, or is gone. */
  replay(frames: EventFrames): Promise<void>
  /** Sends a header and its sound right behind it. Resolves when it is written; null, and nothing is sent, to a slow reader. */
  sound(header: object, pcm: Buffer): Promise<void> | null
  /** Holds events back until `release` was called as often. */
  hold(): void
  release(): void
}

export interface OutboxDeps {
  ws: Pick<WebSocket, 'send' | 'bufferedAmount' | 'readyState' | 'OPEN'>
  reader: Reader
  close(code: number, reason: string): void
}

export function createOutbox({ ws, reader, close }: OutboxDeps): Outbox {
  let held: EventFrames[] = []
  /** How many hold events back. */
  let holders = 0

  function sendText(text: string | Buffer, droppable = false): void {
    if (ws.readyState !== ws.OPEN) return
    if (ws.bufferedAmount > TOO_SLOW_BYTES) close(CLOSE.overloaded, 'too slow')
    // An interim is soon followed by a better one.
    else if (!droppable || ws.bufferedAmount <= SLOW_BYTES) ws.send(text, TEXT, ignore)
  }

  const outbox: Outbox = {
    low: 0,
    high: 0,
    send: (frame) => sendText(JSON.stringify(frame)),
    deliver(frames) {
      if (ws.readyState !== ws.OPEN) return
      if (holders > 0) {
        if (held.length < MAX_HELD) held.push(frames)
        else close(CLOSE.overloaded, 'too slow')
        return
      }
      const { seq, type } = frames.event
      if (seq !== undefined) {
        if (seq <= outbox.high) return
        outbox.high = seq
      }
      sendText(frames.for(reader), seq === undefined && type === 'caption')
    },
    async replay(frames) {
      if (ws.readyState !== ws.OPEN) return
      const written = new Promise<void>((resolve) => ws.send(frames.for(reader), TEXT, () => resolve()))
      // However much there is to replay, only so much of it waits in memory.
      if (ws.bufferedAmount > SLOW_BYTES) await written
    },
    sound(header, pcm) {
      if (ws.readyState !== ws.OPEN || ws.bufferedAmount > SLOW_BYTES) return null
      ws.send(JSON.stringify(header), ignore)
      for (let at = 0; at + BINARY_BYTES < pcm.length; at += BINARY_BYTES)
        ws.send(pcm.subarray(at, at + BINARY_BYTES), ignore)
      const last = pcm.subarray(Math.floor((pcm.length - 1) / BINARY_BYTES) * BINARY_BYTES)
      return new Promise((resolve) => ws.send(last, () => resolve()))
    },
    hold() {
      holders += 1
    },
    release() {
      holders -= 1
      if (holders > 0) return
      const waiting = held
      held = []
      for (const frames of waiting) outbox.deliver(frames)
    },
  }
  return outbox
}

/** Text also where it comes encoded. */
const TEXT = { binary: false }

/** A failed write closes the socket, and that is where it is dealt with. */
function ignore(): void {}
