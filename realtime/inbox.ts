import type { RawData } from 'ws'
import type { ErrorCode } from '../errors.ts'
import type { ClientMessage } from '../schemas/meeting-socket.ts'
import type { Audio } from './audio.ts'
import type { Codec } from './codec.ts'
import type { Connection } from './connection.ts'
import {
  AUDIO_FRAMES_PER_SECOND,
  BAD_FRAMES_PER_MINUTE,
  CLOSE,
  CONTROL_FRAMES_PER_MINUTE,
  createWindow,
  MAX_INBOX,
  MAX_INBOX_AUDIO,
  MAX_TEXT_BYTES,
  type Window,
} from './limits.ts'
import type { Room } from './room.ts'

const MINUTE_MS = 60_000

/** What a client sends, read, limited and acted on in order. */
export interface Inbox {
  receive(data: RawData, isBinary: boolean): void
  /** Acts on what waits, once its connection has started. */
  start(): void
  /** Forgets what waits. */
  clear(): void
}

/** What all inboxes have in common. */
export interface InboxDeps {
  codec: Codec
  handle(room: Room, connection: Connection, message: ClientMessage): Promise<void>
  /** Called when `handle` threw. */
  fail(connection: Connection, error: unknown, message: ClientMessage): void
  /** What is done with sound, in its place among the messages. */
  audio: Pick<Audio, 'expects' | 'hear'>
}

export const createInbox = (connection: Connection, deps: InboxDeps): Inbox => new SocketInbox(connection, deps)

/** A class, as its connection is one: its methods are there once, and its windows when something comes. */
class SocketInbox implements Inbox {
  readonly #connection: Connection
  readonly #deps: InboxDeps
  #frames: Window | null = null
  #bad: Window | null = null
  #audioFrames: Window | null = null
  #waiting: (ClientMessage | Buffer)[] | null = null
  #audioWaiting = 0
  #working = false

  constructor(connection: Connection, deps: InboxDeps) {
    this.#connection = connection
    this.#deps = deps
  }

  receive(data: RawData, isBinary: boolean): void {
    if (isBinary) this.#readAudio(toBuffer(data))
    else this.#readText(toBuffer(data))
  }

  start(): void {
    const { room, started } = this.#connection
    if (room && started) void this.#work(room)
  }

  clear(): void {
    this.#waiting = null
    this.#audioWaiting = 0
  }

  /** Answers a bad frame; too many of them end the connection. */
  #refuse(code: ErrorCode, message: string, ref?: string): void {
    this.#connection.error(code, message, ref)
    this.#bad ??= createWindow(BAD_FRAMES_PER_MINUTE - 1, MINUTE_MS)
    if (!this.#bad.hit()) this.#connection.close(CLOSE.badFrames, 'too many bad frames')
  }

  #readText(bytes: Buffer): void {
    this.#frames ??= createWindow(CONTROL_FRAMES_PER_MINUTE, MINUTE_MS)
    if (!this.#frames.hit()) this.#connection.close(CLOSE.rate, 'too many messages')
    else if (bytes.length > MAX_TEXT_BYTES) this.#connection.close(CLOSE.tooBig, 'a text frame holds 16 KiB at most')
    else this.#read(bytes)
  }

  #read(bytes: Buffer): void {
    const decoded = this.#deps.codec.decode(bytes.toString('utf8'))
    if ('error' in decoded) {
      const { code, message, ref } = decoded.error
      if (decoded.bad) this.#refuse(code, message, ref)
      else this.#connection.error(code, message, ref)
    } else if (this.#messagesWaiting() >= MAX_INBOX) {
      this.#connection.error('RATE_LIMIT_EXCEEDED', 'Too many frames wait for an answer.')
    } else this.#push(decoded.message)
  }

  #readAudio(bytes: Buffer): void {
    this.#audioFrames ??= createWindow(AUDIO_FRAMES_PER_SECOND, 1000)
    if (!this.#audioFrames.hit()) this.#connection.close(CLOSE.rate, 'too many audio frames')
    else if (bytes.length === 0 || bytes.length % 2 !== 0)
      this.#refuse('VALIDATION_ERROR', 'An audio frame holds whole 16-bit samples.', 'audio.start')
    // While a message is worked on: so much of what follows it is kept.
    else if (this.#audioWaiting + bytes.length > MAX_INBOX_AUDIO)
      this.#connection.error('RATE_LIMIT_EXCEEDED', 'Too much audio waits.', 'audio.start')
    else {
      this.#audioWaiting += bytes.length
      this.#push(bytes)
    }
  }

  #messagesWaiting(): number {
    return this.#waiting?.filter((one) => !Buffer.isBuffer(one)).length ?? 0
  }

  #push(message: ClientMessage | Buffer): void {
    this.#waiting ??= []
    this.#waiting.push(message)
    this.start()
  }

  async #work(room: Room): Promise<void> {
    if (this.#working) return
    this.#working = true
    for (let message = this.#waiting?.shift(); message; message = this.#waiting?.shift()) {
      if (Buffer.isBuffer(message)) {
        this.#audioWaiting -= message.length
        this.#hear(message)
        continue
      }
      try {
        await this.#deps.handle(room, this.#connection, message)
      } catch (cause) {
        this.#deps.fail(this.#connection, cause, message)
      }
    }
    this.#working = false
  }

  #hear(bytes: Buffer): void {
    const { audio } = this.#deps
    if (audio.expects(this.#connection)) audio.hear(this.#connection, bytes)
    else this.#refuse('UNPROCESSABLE', 'Audio begins with audio.start.', 'audio.start')
  }
}

function toBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data)
}
