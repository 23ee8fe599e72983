/** As much of a WebSocket as is needed: the browser's, Node's or that of `ws`. */
export interface SocketLike {
  readonly readyState: number
  readonly bufferedAmount: number
  binaryType: string
  onopen: ((event: never) => void) | null
  onmessage: ((event: { data: never }) => void) | null
  onclose: ((event: { code: number } & never) => void) | null
  onerror: ((event: never) => void) | null
  send(data: string | ArrayBuffer): void
  close(code?: number): void
}

export type SocketConstructor = new (url: string, protocols: string[]) => SocketLike

/** Time, as tests would have it too. */
export interface Clock {
  now(): number
  /** Gives what cancels it. */
  after(ms: number, run: () => void): () => void
  random(): number
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
  random: Math.random,
}
