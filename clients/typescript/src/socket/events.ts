import type { FluentMeetError } from '../error.ts'
import type { ServerMessages } from '../generated/api.ts'
import type { ErrorFrame, ServerFrame } from './frames.ts'
import type { Line } from './lines.ts'

/** `online`: all that was missed has been delivered, and what is said now is heard. */
export type SocketStatus = 'idle' | 'connecting' | 'online' | 'offline' | 'over'

/** What a `MeetingSocket` tells of: every type of frame the server sends, and these. */
export interface SocketEvents extends ServerMessages {
  /** Every frame, numbered ones once and in order. */
  frame: ServerFrame
  /** Sound that belongs to the last `speech` frame. */
  audio: ArrayBuffer
  status: SocketStatus
  /** The connection is lost and will be tried again. `code`: of the close, or null where there was none. */
  offline: { readonly retryInMs: number; readonly code: number | null }
  /** What was missed is no longer kept: it went on with what the welcome knew. */
  gap: undefined
  /** What was said and is not heard back yet. */
  lines: readonly Line[]
  /** A line that will not be said again, and why, where the server told. */
  refused: { readonly line: Line; readonly error: ErrorFrame | null }
}

/** Why there is nothing to come back to. `refused`: there is no ticket to be had, `error` says why. `closed`: by `close()`. */
export interface Ending {
  readonly reason: 'left' | 'removed' | 'ended' | 'elsewhere' | 'failed' | 'refused' | 'closed'
  /** The close code; null where no socket was open. */
  readonly code: number | null
  readonly error: FluentMeetError | null
}

export type Listener<T> = (event: T) => void

/** Listeners by the type of event. */
export function createListeners<Events extends object>() {
  const byType = new Map<PropertyKey, Set<Listener<never>>>()
  return {
    /** Gives what takes the listener away again. */
    on<T extends keyof Events>(type: T, listener: Listener<Events[T]>): () => void {
      const listeners = byType.get(type) ?? new Set()
      byType.set(type, listeners.add(listener))
      return () => void listeners.delete(listener)
    },
    emit<T extends keyof Events>(type: T, event: Events[T]): void {
      for (const listener of byType.get(type) ?? []) listener(event as never)
    },
  }
}
