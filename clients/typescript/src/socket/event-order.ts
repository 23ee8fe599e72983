import { type ServerFrame, seqOf } from './frames.ts'

/** Numbered events, each once and in the order of their numbers, over as many connections as it takes. */
export interface EventOrder {
  /** The last number that was delivered; null before one is inside. */
  readonly lastSeq: number | null
  /** A connection begins: what comes is gathered until `settle`. */
  begin(): void
  receive(frame: ServerFrame): void
  /** What was missed has come: it is put in order with what came meanwhile. */
  settle(): void
  /** The server knows nothing of the last number: its numbers begin anew, or are higher than any before. */
  startOver(): void
  /** What was missed is no longer kept: it goes on with what the last welcome knew. */
  skipMissed(): void
}

export function createEventOrder(deliver: (frame: ServerFrame) => void): EventOrder {
  let lastSeq: number | null = null
  let welcomed: number | null = null
  let gathered: ServerFrame[] | null = []
  const heard = createHeard()

  function pass(frame: ServerFrame): void {
    const seq = seqOf(frame)
    if (seq !== undefined) {
      if (seq <= (lastSeq ?? 0)) return
      lastSeq = seq
    }
    // Somebody said it again who could not know that it was heard.
    if (frame.type === 'caption' && frame.final && !heard.isNew(`${frame.id} ${frame.revision}`)) return
    deliver(frame)
  }

  return {
    get lastSeq() {
      return lastSeq
    },
    begin() {
      gathered = []
    },
    receive(frame) {
      // One who waits at the door has seen nothing yet: its numbers begin when it is let in.
      if (frame.type === 'welcome' && frame.participant.status === 'joined') {
        welcomed = frame.seq
        lastSeq ??= frame.seq
      }
      if (gathered && seqOf(frame) !== undefined) gathered.push(frame)
      else pass(frame)
    },
    settle() {
      const events = gathered ?? []
      gathered = null
      for (const event of events.sort((a, b) => (seqOf(a) ?? 0) - (seqOf(b) ?? 0))) pass(event)
    },
    startOver() {
      if (welcomed !== null && lastSeq !== null && lastSeq > welcomed) lastSeq = 0
    },
    skipMissed() {
      lastSeq = welcomed
    },
  }
}

/** More captions than come while somebody reconnects. */
const REMEMBERED = 1000

function createHeard() {
  const known = new Set<string>()
  return {
    isNew(name: string): boolean {
      if (known.has(name)) return false
      known.add(name)
      const [oldest] = known
      if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest)
      return true
    },
  }
}
