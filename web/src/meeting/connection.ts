import { type ReadonlySignal, signal } from '@preact/signals'
import type { Ending, SocketStatus } from '../api/client.ts'
import type { Entry, Outcome } from './entry.ts'
import type { ClientFrame, ServerFrame } from './frames.ts'
import { createLines, type Lines } from './lines.ts'

/** One person's way to a meeting, over as many sockets as it takes. */
export interface Connection {
  readonly status: ReadonlySignal<SocketStatus>
  /** Whether something that was missed is no longer kept. */
  readonly gap: ReadonlySignal<boolean>
  readonly lines: Lines
  /** False when there is no connection to send it on. */
  send(frame: ClientFrame): boolean
  /** Samples, two bytes each. */
  sendAudio(samples: ArrayBuffer): void
  /** Ends it; the meeting is not left by that. */
  close(): void
}

export interface ConnectionDeps {
  entry: Pick<Entry, 'visit' | 'joined'>
  /** Every event once, in the order of the numbers. */
  onFrame(frame: ServerFrame): void
  /** The sound that belongs to the last `speech` frame. */
  onSound(data: ArrayBuffer): void
  onOver(outcome: Outcome): void
  wasInside(): boolean
}

export function createConnection({ entry, onFrame, onSound, onOver, wasInside }: ConnectionDeps): Connection {
  const socket = entry.visit.socket()
  const status = signal<SocketStatus>(socket.status)
  const gap = signal(false)
  socket.on('status', (next) => {
    status.value = next
  })
  socket.on('gap', () => {
    gap.value = true
  })
  socket.on('frame', onFrame)
  socket.on('audio', onSound)
  // The network is back: no need to wait for the next try.
  const comeBack = () => void socket.connect()
  addEventListener('online', comeBack)

  function outcomeOf({ reason, error }: Ending): Outcome | null {
    if (reason === 'closed') return null
    if (reason !== 'refused') return reason
    if (error?.code === 'ROOM_ENDED') return 'ended'
    if (error?.code === 'FORBIDDEN') return wasInside() ? 'removed' : 'rejected'
    // A guest was never signed in: its token ends with its place, and the door tells why.
    return error?.status === 401 && entry.joined.guest_token === undefined ? 'signed_out' : 'failed'
  }

  void socket.over.then((ending) => {
    removeEventListener('online', comeBack)
    const outcome = outcomeOf(ending)
    if (outcome) onOver(outcome)
  })
  socket.connect()
  return {
    status,
    gap,
    lines: createLines(socket),
    send: (frame) => socket.send(frame),
    sendAudio: (samples) => void socket.sendAudio(samples),
    close: () => socket.close(),
  }
}
