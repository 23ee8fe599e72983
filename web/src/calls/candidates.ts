import { MAX_CANDIDATES } from './payloads.ts'

/** Frames are counted by the server, so candidates that come within this time share one. */
const WAIT_MS = 200
/** Of one connection and its restarts: a machine with many addresses does not tell them all. */
const MAX_TOLD = 80

export interface CandidateBatch {
  /** Takes a candidate as it is found; null: no more will come. */
  add(candidate: RTCIceCandidate | null): void
  /** Forgets what has not been sent. */
  close(): void
}

/** Collects ICE candidates and sends them several at a time. */
export function createCandidateBatch(send: (candidates: RTCIceCandidateInit[]) => void): CandidateBatch {
  let waiting: RTCIceCandidateInit[] = []
  let told = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    const batch = waiting
    waiting = []
    if (batch.length > 0) send(batch)
  }

  return {
    add(candidate) {
      if (candidate === null) return flush()
      if (told >= MAX_TOLD) return
      told += 1
      waiting.push(candidate.toJSON())
      if (waiting.length >= MAX_CANDIDATES) flush()
      else timer ??= setTimeout(flush, WAIT_MS)
    },
    close() {
      clearTimeout(timer)
      waiting = []
    },
  }
}
