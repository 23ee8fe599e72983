import type { SignalKind } from './payloads.ts'
import { createWindow } from './window.ts'

/** Half of what the server takes from one socket: the rest is for captions and the like. */
const FRAMES_PER_MINUTE = 60
const MAX_WAITING = 100
const RETRY_MS = 500

export type Send = (to: string, kind: SignalKind, payload?: unknown) => void

export interface Outgoing {
  send: Send
  /** Drops what waits for somebody. */
  forget(to: string): void
  close(): void
}

/** Sends in order and no more than the server takes, whatever others make us answer: too many frames end the socket. */
export function createOutgoing(send: Send): Outgoing {
  const window = createWindow(FRAMES_PER_MINUTE)
  let waiting: Parameters<Send>[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  function drain(): void {
    clearTimeout(timer)
    while (waiting.length > 0 && window.hit()) send(...(waiting.shift() as Parameters<Send>))
    if (waiting.length > 0) timer = setTimeout(drain, RETRY_MS)
  }

  return {
    send(...frame) {
      // Farewells are few, and the page may not be there a moment later.
      if (frame[1] === 'bye') return send(...frame)
      if (waiting.length < MAX_WAITING) waiting.push(frame)
      drain()
    },
    forget(to) {
      waiting = waiting.filter(([other]) => other !== to)
    },
    close() {
      clearTimeout(timer)
      waiting = []
    },
  }
}
