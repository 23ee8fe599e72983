import type { ServerFrame } from './frames.ts'

/** Numbered events, each once and in the order of their numbers, over as many connections as it takes. */
export interface EventOrder {
  /** The last number that was delivered; null before the first welcome. */
  readonly lastSeq: number | null
  /** A connection begins: what comes is gathered until `settle`. */
  begin(): void
  receive(frame: ServerFrame): void
  /** What was missed has come: it is put in order with what came meanwhile. */
  settle(): void
  /** What was missed is no longer kept: it goes on with what the last welcome knew. */
  skipMissed(): void
}

export function createEventOrder(deliver: (frame: ServerFrame) => void): EventOrder {
  let lastSeq: number | null = null
  let welcomed: number | null = null
  let gathered: ServerFrame[] | null = []

  const seqOf = (frame: ServerFrame): number | undefined => ('seq' in frame ? frame.seq : undefined)

  function pass(frame: ServerFrame): void {
    const seq = seqOf(frame)
    if (seq !== undefined && frame.type !== 'welcome') {
      if (seq <= (lastSeq ?? 0)) return
      lastSeq = seq
    }
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
      if (gathered && frame.type !== 'welcome' && seqOf(frame) !== undefined) gathered.push(frame)
      else pass(frame)
    },
    settle() {
      const events = gathered ?? []
      gathered = null
      for (const event of events.sort((a, b) => (seqOf(a) ?? 0) - (seqOf(b) ?? 0))) pass(event)
    },
    skipMissed() {
      lastSeq = welcomed
    },
  }
}
