import { CLOSE } from '../../realtime/limits.ts'

interface CloseCode {
  readonly code: number
  readonly meaning: string
  /** Whether a client may come back, and `resume`. */
  readonly reconnect: boolean
}

const MEANINGS: Record<keyof typeof CLOSE, Omit<CloseCode, 'code'>> = {
  left: { meaning: 'The participant left the meeting.', reconnect: false },
  restart: { meaning: 'The server restarts. A proxy in front of it may say 1012.', reconnect: true },
  tooBig: { meaning: 'A frame was too big.', reconnect: false },
  internal: { meaning: 'The server failed.', reconnect: true },
  overloaded: { meaning: 'The client reads too slowly, or the room is full.', reconnect: true },
  badFrames: { meaning: 'Too many frames were refused.', reconnect: false },
  tokenEnded: { meaning: 'The token expired or was revoked: sign in again.', reconnect: false },
  forbidden: { meaning: 'Put out of the meeting, or not let in.', reconnect: false },
  noPong: { meaning: 'Pings went unanswered.', reconnect: true },
  roomEnded: { meaning: 'The meeting has ended.', reconnect: false },
  rate: { meaning: 'Too many frames.', reconnect: true },
  unavailable: { meaning: 'A dependency is down.', reconnect: true },
}

/** Why the server closes a meeting socket, by code. */
export const CLOSE_CODES: readonly CloseCode[] = Object.entries(MEANINGS).map(([name, { meaning, reconnect }]) => ({
  code: CLOSE[name as keyof typeof CLOSE],
  meaning,
  reconnect,
}))
