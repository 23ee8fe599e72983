import { type ReadonlySignal, signal } from '@preact/signals'
import { randomName } from '../random-name.ts'
import type { ClientMessage } from './frames.ts'

/** Typed lines on their way: said now or with the next connection, in order, until they are heard. */
export interface Lines {
  /** What is not heard back yet. */
  readonly waiting: ReadonlySignal<readonly Line[]>
  /** False when too much waits already. */
  say(text: string): boolean
  /** Says the oldest that waits: after a connection came, and when the server asks for patience. */
  utter(): void
  /** A caption came back under this id. */
  heard(id: string): void
  /** It is not said again: its words go back to whoever typed them. */
  refused(id: string): void
  /** Words that were refused, until they are taken back. */
  readonly returned: ReadonlySignal<string | null>
  takeBack(): void
}

export interface Line {
  readonly id: string
  readonly text: string
}

const MAX_WAITING = 50

export function createLines(send: (frame: ClientMessage) => boolean): Lines {
  const waiting = signal<readonly Line[]>([])
  const returned = signal<string | null>(null)

  // One at a time, so that they stay in order whatever happens.
  function utter(): void {
    const [line] = waiting.value
    if (line) send({ type: 'say', id: line.id, text: line.text })
  }

  function remove(id: string): Line | undefined {
    const line = waiting.value.find((each) => each.id === id)
    if (line) waiting.value = waiting.value.filter((each) => each !== line)
    if (line) utter()
    return line
  }

  return {
    waiting,
    returned,
    utter,
    say(text) {
      if (waiting.value.length >= MAX_WAITING) return false
      waiting.value = [...waiting.value, { id: randomName(), text }]
      if (waiting.value.length === 1) utter()
      return true
    },
    heard: (id) => void remove(id),
    refused(id) {
      const line = remove(id)
      if (line) returned.value = line.text
    },
    takeBack() {
      returned.value = null
    },
  }
}
