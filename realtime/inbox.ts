import type { RawData } from 'ws'
import type { ErrorCode } from '../errors.ts'
import type { ClientMessage } from '../schemas/meeting-socket.ts'
import type { Codec } from './codec.ts'
import {
  AUDIO_FRAMES_PER_SECOND,
  BAD_FRAMES_PER_MINUTE,
  CLOSE,
  CONTROL_FRAMES_PER_MINUTE,
  createWindow,
  MAX_INBOX,
  MAX_INBOX_AUDIO,
  MAX_TEXT_BYTES,
} from './limits.ts'

const MINUTE_MS = 60_000

export type Handler = (message: ClientMessage) => Promise<void>

/** What is done with sound, in its place among the messages. */
export interface AudioHandler {
  /** Samples, two bytes each; at least one. */
  hear(samples: Buffer): void
  /** Whether sound is expected: otherwise a frame of it counts as bad. */
  expects(): boolean
}

/** What a client sends, read, limited and acted on in order. */
export interface Inbox {
  receive(data: RawData, isBinary: boolean): void
  /** Begins to act on messages; those that came before are first. */
  start(handler: Handler, audio: AudioHandler): void
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
  const audioFrames = createWindow(AUDIO_FRAMES_PER_SECOND, 1000)
  const waiting: (ClientMessage | Buffer)[] = []
  let audioWaiting = 0
  let handler: Handler | null = null
  let audio: AudioHandler | null = null
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
    } else if (waiting.filter((one) => !Buffer.isBuffer(one)).length >= MAX_INBOX) {
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
      if (Buffer.isBuffer(message)) {
        audioWaiting -= message.length
        take(message)
        continue
      }
      try {
        await handler(message)
      } catch (cause) {
        onError(cause, message)
      }
    }
    working = false
  }

  function readAudio(bytes: Buffer): void {
    if (!audioFrames.hit()) close(CLOSE.rate, 'too many audio frames')
    else if (bytes.length === 0 || bytes.length % 2 !== 0)
      refuse('VALIDATION_ERROR', 'An audio frame holds whole 16-bit samples.', 'audio.start')
    // While a message is worked on: so much of what follows it is kept.
    else if (audioWaiting + bytes.length > MAX_INBOX_AUDIO)
      error('RATE_LIMIT_EXCEEDED', 'Too much audio waits.', 'audio.start')
    else {
      audioWaiting += bytes.length
      waiting.push(bytes)
      void work()
    }
  }

  function take(bytes: Buffer): void {
    if (audio?.expects()) audio.hear(bytes)
    else refuse('UNPROCESSABLE', 'Audio begins with audio.start.', 'audio.start')
  }

  return {
    receive(data, isBinary) {
      const bytes = toBuffer(data)
      if (isBinary) readAudio(bytes)
      else if (!frames.hit()) close(CLOSE.rate, 'too many messages')
      else if (bytes.length > MAX_TEXT_BYTES) close(CLOSE.tooBig, 'a text frame holds 16 KiB at most')
      else read(bytes)
    },
    start(given, hearing) {
      handler = given
      audio = hearing
      void work()
    },
    clear() {
      waiting.length = 0
      audioWaiting = 0
    },
  }
}

function toBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data)
}
