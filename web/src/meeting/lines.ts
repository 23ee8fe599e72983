import { type ReadonlySignal, signal } from '@preact/signals'
import type { ClientMessage } from './frames.ts'

/** Typed lines on their way: said now or with the next connection, in order, until they are heard. */
export interface Lines {
  /** What is not heard back yet. */
  readonly waiting: ReadonlySignal<readonly Line[]>
  /** False when too much waits already. */
  say(text: string): boolean
  /** Says the oldest that waits: after a connection came, and when the server asks for patience. */
  utter(): void
  /** A caption or an error came back under this id. */
  heard(id: string): void
}

export interface Line {
  readonly id: string
  readonly text: string
}

const MAX_WAITING = 50

export function createLines(send: (frame: ClientMessage) => boolean): Lines {
  const waiting = signal<readonly Line[]>([])

  // One at a time, so that they stay in order whatever happens.
  function utter(): void {
    const [line] = waiting.value
    if (line) send({ type: 'say', id: line.id, text: line.text })
  }

  return {
    waiting,
    utter,
    say(text) {
      if (waiting.value.length >= MAX_WAITING) return false
      waiting.value = [...waiting.value, { id: crypto.randomUUID(), text }]
      if (waiting.value.length === 1) utter()
      return true
    },
    heard(id) {
      if (!waiting.value.some((line) => line.id === id)) return
      waiting.value = waiting.value.filter((line) => line.id !== id)
      utter()
    },
  }
}
