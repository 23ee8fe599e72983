import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { EventFrames, Reader } from './frames.ts'
import { BINARY_BYTES, CLOSE, MAX_HELD, SLOW_BYTES, TOO_SLOW_BYTES } from './limits.ts'
import { textFrame } from './text-frame.ts'

/** What a socket is sent: each numbered event once, in order, and no more than its reader takes. */
export interface Outbox {
  /** Numbers in (`low`, `high`] were sent on this connection. */
  low: number
  high: number
  /** Sends an object as JSON, now. */
  send(frame: object): void
  /** Sends what is JSON already, now. */
  sendJson(text: string): void
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

/** Whose outbox it is. */
export interface OutboxOwner extends Reader {
  close(code: number, reason: string): void
}

type Socket = Pick<WebSocket, 'send' | 'bufferedAmount' | 'readyState' | 'OPEN'>

/** `raw`: the connection under the WebSocket. */
export const createOutbox = (ws: Socket, raw: Pick<Duplex, 'write'>, owner: OutboxOwner): Outbox =>
  new SocketOutbox(ws, raw, owner)

/**
 * Frames of text are written to the connection itself: one that many read is then the same bytes for all, and is written at once, where the
 * library would make a head for each and write it apart. What else the library sends goes the same way, in order, as nothing is compressed.
 *
 * A class, since each of many thousand idle sockets has one: its methods are there once.
 */
class SocketOutbox implements Outbox {
  low = 0
  high = 0
  readonly #ws: Socket
  readonly #raw: Pick<Duplex, 'write'>
  readonly #owner: OutboxOwner
  #held: EventFrames[] | null = null
  /** How many hold events back. */
  #holders = 0

  constructor(ws: Socket, raw: Pick<Duplex, 'write'>, owner: OutboxOwner) {
    this.#ws = ws
    this.#raw = raw
    this.#owner = owner
  }

  send(frame: object): void {
    this.#write(textFrame(JSON.stringify(frame)))
  }

  sendJson(text: string): void {
    this.#write(textFrame(text))
  }

  deliver(frames: EventFrames): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return
    if (this.#holders > 0) {
      this.#hold(frames)
      return
    }
    const { seq, type } = frames.event
    if (seq !== undefined) {
      if (seq <= this.high) return
      this.high = seq
    }
    this.#write(frames.for(this.#owner), seq === undefined && type === 'caption')
  }

  async replay(frames: EventFrames): Promise<void> {
    const ws = this.#ws
    if (ws.readyState !== ws.OPEN) return
    const written = new Promise<void>((resolve) => this.#raw.write(frames.for(this.#owner), () => resolve()))
    // However much there is to replay, only so much of it waits in memory.
    if (ws.bufferedAmount > SLOW_BYTES) await written
  }

  sound(header: object, pcm: Buffer): Promise<void> | null {
    const ws = this.#ws
    if (ws.readyState !== ws.OPEN || ws.bufferedAmount > SLOW_BYTES) return null
    ws.send(JSON.stringify(header))
    for (let at = 0; at + BINARY_BYTES < pcm.length; at += BINARY_BYTES) ws.send(pcm.subarray(at, at + BINARY_BYTES))
    const last = pcm.subarray(Math.floor((pcm.length - 1) / BINARY_BYTES) * BINARY_BYTES)
    return new Promise((resolve) => ws.send(last, () => resolve()))
  }

  hold(): void {
    this.#holders += 1
  }

  release(): void {
    this.#holders -= 1
    if (this.#holders > 0) return
    const waiting = this.#held ?? []
    this.#held = null
    for (const frames of waiting) this.deliver(frames)
  }

  #hold(frames: EventFrames): void {
    this.#held ??= []
    if (this.#held.length < MAX_HELD) this.#held.push(frames)
    else this.#owner.close(CLOSE.overloaded, 'too slow')
  }

  #write(frame: Buffer, droppable = false): void {
    const ws = this.#ws
    if (ws.readyState !== ws.OPEN) return
    const waiting = ws.bufferedAmount
    if (waiting > TOO_SLOW_BYTES) this.#owner.close(CLOSE.overloaded, 'too slow')
    // An interim is soon followed by a better one. No callback: a failed write closes the socket, and that is where it is dealt with.
    else if (!droppable || waiting <= SLOW_BYTES) this.#raw.write(frame)
  }
}
