import { type ReadonlySignal, signal } from '@preact/signals'
import type { Line, MeetingSocket } from '../api/client.ts'

/** Typed lines on their way: said now or with the next connection, in order, until they are heard. */
export interface Lines {
  /** What is not heard back yet. */
  readonly waiting: ReadonlySignal<readonly Line[]>
  /** False when too much waits already. */
  say(text: string): boolean
  /** Words that were refused, until they are taken back by whoever typed them. */
  readonly returned: ReadonlySignal<string | null>
  takeBack(): void
}

export function createLines(socket: Pick<MeetingSocket, 'on' | 'say'>): Lines {
  const waiting = signal<readonly Line[]>([])
  const returned = signal<string | null>(null)
  socket.on('lines', (lines) => {
    waiting.value = lines
  })
  socket.on('refused', ({ line }) => {
    returned.value = line.text
  })
  return {
    waiting,
    returned,
    say: (text) => socket.say(text) !== null,
    takeBack() {
      returned.value = null
    },
  }
}
