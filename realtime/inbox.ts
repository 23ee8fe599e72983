import type { RawData } from 'ws'
import type { ErrorCode } from '../errors.ts'
import type { ClientMessage } from '../schemas/meeting-socket.ts'
import type { Codec } from './codec.ts'
import {
  BAD_FRAMES_PER_MINUTE,
  CLOSE,
  CONTROL_FRAMES_PER_MINUTE,
  createWindow,
  MAX_INBOX,
  MAX_TEXT_BYTES,
} from './limits.ts'

const MINUTE_MS = 60_000

export type Handler = (message: ClientMessage) => Promise<void>

/** What a client sends, read, limited and acted on in order. */
export interface Inbox {
  receive(data: RawData, isBinary: boolean): void
  /** Begins to act on messages; those that came before are first. */
  start(handler: Handler): void
  /** Forgets what waits. */
  clear(): void
}

export interface InboxDeps {
  codec: Codec
  error(code: ErrorCode, message: string, ref?: string): void
  close(code: number, reason: string): void
  /** Called when the handler threw. */
  onError(error: unknown, message: ClientMessage): void
}

export function createInbox({ codec, error, close, onError }: InboxDeps): Inbox {
  const frames = createWindow(CONTROL_FRAMES_PER_MINUTE, MINUTE_MS)
  const bad = createWindow(BAD_FRAMES_PER_MINUTE - 1, MINUTE_MS)
  const waiting: ClientMessage[] = []
  let handler: Handler | null = null
  let working = false

  /** Answers a bad frame; too many of them end the connection. */
  function refuse(code: ErrorCode, message: string, ref?: string): void {
    error(code, message, ref)
    if (!bad.hit()) close(CLOSE.badFrames, 'too many bad frames')
  }

  function read(bytes: Buffer): void {
    const decoded = codec.decode(bytes.toString('utf8'))
    if ('error' in decoded) {
      const { code, message, ref } = decoded.error
      if (decoded.bad) refuse(code, message, ref)
      else error(code, message, ref)
    } else if (waiting.length >= MAX_INBOX) {
      error('RATE_LIMIT_EXCEEDED', 'Too many frames wait for an answer.')
    } else {
      waiting.push(decoded.message)
      void work()
    }
  }

  async function work(): Promise<void> {
    if (working || !handler) return
    working = true
    for (let message = waiting.shift(); message; message = waiting.shift()) {
      try {
        await handler(message)
      } catch (cause) {
        onError(cause, message)
      }
    }
    working = false
  }

  return {
    receive(data, isBinary) {
      const bytes = toBuffer(data)
      if (!frames.hit()) close(CLOSE.rate, 'too many messages')
      else if (isBinary) refuse('UNPROCESSABLE', 'audio is not available')
      else if (bytes.length > MAX_TEXT_BYTES) close(CLOSE.tooBig, 'a text frame holds 16 KiB at most')
      else read(bytes)
    },
    start(given) {
      handler = given
      void work()
    },
    clear() {
      waiting.length = 0
    },
  }
}

function toBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data)
}
