/** How long each attempt to connect may take before the next begins, in milliseconds. After the last it is given up. */
const PAUSES_MS = [4000, 8000, 16_000, 30_000, 30_000, 30_000]
const SOON_MS = 1000

export interface Recovery {
  /** Takes note of the connection's state. */
  see(state: RTCPeerConnectionState): void
  /** The next attempt comes soon. */
  soon(): void
  /** Counts from the first attempt again. */
  reset(): void
  stop(): void
}

/** Decides when to try again: `retry` is called with the number of the attempt, from 1. */
export function createRecovery(retry: (attempt: number) => void): Recovery {
  let attempts = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  function stop(): void {
    clearTimeout(timer)
    timer = undefined
  }

  function arm(ms: number | undefined): void {
    stop()
    if (ms === undefined) return
    timer = setTimeout(() => {
      attempts += 1
      arm(PAUSES_MS[attempts])
      retry(attempts)
    }, ms)
  }

  return {
    see(state) {
      if (state === 'connected') {
        attempts = 0
        stop()
      } else if (timer === undefined || state === 'failed') {
        arm(state === 'failed' && attempts === 0 ? SOON_MS : PAUSES_MS[attempts])
      }
    },
    soon() {
      if (attempts < PAUSES_MS.length) arm(SOON_MS)
    },
    reset() {
      attempts = 0
    },
    stop,
  }
}
