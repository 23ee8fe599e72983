/** How often and after how long things happen on the sockets of a process, in milliseconds. */
export interface Timings {
  /** Between two WebSocket pings of a connection. */
  readonly pingMs: number
  /** A connection without a pong for this long is dead. */
  readonly deadMs: number
  /** Between two looks at who is due for a ping. */
  readonly tickMs: number
  /** Between two renewals of all leases. */
  readonly heartbeatMs: number
  /** How long a closing handshake may take before the connection is cut. */
  readonly closeMs: number
}

export const TIMINGS: Timings = { pingMs: 25_000, deadMs: 60_000, tickMs: 5000, heartbeatMs: 20_000, closeMs: 2000 }

export const MAX_TEXT_BYTES = 16 * 1024
/** Above this much unsent, interims are dropped. */
export const SLOW_BYTES = 1024 * 1024
/** Above this much unsent, the connection is closed. */
export const TOO_SLOW_BYTES = 4 * 1024 * 1024
export const CONTROL_FRAMES_PER_MINUTE = 120
export const BAD_FRAMES_PER_MINUTE = 10
/** Frames of one connection that wait for those before them. */
export const MAX_INBOX = 64
export const AUDIO_FRAMES_PER_SECOND = 60
/** Sound of one connection that waits for the messages before it, in bytes: ten seconds. */
export const MAX_INBOX_AUDIO = 320_000
/** How much sound a connection may send ahead of real time, in seconds: what a network holds back comes at once. */
export const MAX_AUDIO_AHEAD_S = 10
/** Speech that would be heard later than this after its caption is dropped. */
export const SPEECH_LATE_MS = 8000
/** Of one `speech` frame; captions go in between. About six seconds. */
export const SPEECH_PART_BYTES = 256 * 1024
/** Of one binary frame. */
export const BINARY_BYTES = 32 * 1024
/** How long the last words may take when the server ends. */
export const LAST_WORDS_MS = 5000
/** Captions of one speaker that wait to be translated. */
export const MAX_WAITING_CAPTIONS = 16
/** How long a caption waits for a language it came without; the events behind it wait with it. */
export const COMPLETION_MS = 2000
/** Guests' sockets of one address group, as a multiple of what one user may open: a guest is made by a call, a person is not. */
export const GUEST_SOCKETS_FACTOR = 10
/** Concurrent sockets of one API key, over all processes. */
export const MAX_SOCKETS_PER_KEY = 50
/** Events held for one connection while an earlier part is replayed to it. */
export const MAX_HELD = 2000

/** Close codes of the meeting socket. */
export const CLOSE = {
  left: 1000,
  restart: 1001,
  tooBig: 1009,
  internal: 1011,
  overloaded: 1013,
  badFrames: 4400,
  tokenEnded: 4401,
  forbidden: 4403,
  noPong: 4408,
  roomEnded: 4410,
  rate: 4429,
  unavailable: 4503,
} as const

export interface Window {
  hit(): boolean
}

/** Counts events in a sliding window of `windowMs`; `hit` is true while no window holds more than `max`. Bounded memory. */
export function createWindow(max: number, windowMs: number, now: () => number = Date.now): Window {
  const times: number[] = []
  return {
    hit() {
      const at = now()
      while (times[0] !== undefined && times[0] <= at - windowMs) times.shift()
      if (times.length >= max) return false
      times.push(at)
      return true
    },
  }
}
