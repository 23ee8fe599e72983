import type { ClientFrame, Clock, SocketConstructor, SocketLike } from '../src/index.ts'

/** A clock that stands until it is told to go on. */
export function createFakeClock() {
  let now = 0
  const timers = new Map<() => void, number>()
  const clock: Clock = {
    now: () => now,
    random: () => 1,
    after(ms, run) {
      const fire = () => run()
      timers.set(fire, now + ms)
      return () => void timers.delete(fire)
    },
  }
  return {
    clock,
    waiting: () => timers.size,
    /** What is due on the way runs at its time, and what it promised has settled before the next. */
    async pass(ms: number): Promise<void> {
      const end = now + ms
      for (;;) {
        await settled()
        const [next] = [...timers].filter(([, at]) => at <= end).sort(([, a], [, b]) => a - b)
        if (!next) break
        timers.delete(next[0])
        now = Math.max(now, next[1])
        next[0]()
      }
      now = end
    },
  }
}

export const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

/** The other end of a WebSocket: what was sent to it, and what it says. */
export class FakeSocket implements SocketLike {
  readyState = 0
  bufferedAmount = 0
  binaryType = 'blob'
  onopen: SocketLike['onopen'] = null
  onmessage: SocketLike['onmessage'] = null
  onclose: SocketLike['onclose'] = null
  onerror: SocketLike['onerror'] = null
  closedWith: number | undefined | null = null
  readonly sent: (ClientFrame | ArrayBuffer)[] = []
  readonly url: string
  readonly protocols: string[]

  constructor(url: string, protocols: string[]) {
    this.url = url
    this.protocols = protocols
  }

  send(data: string | ArrayBuffer): void {
    this.sent.push(typeof data === 'string' ? (JSON.parse(data) as ClientFrame) : data)
  }

  close(code?: number): void {
    this.readyState = 3
    this.closedWith = code
  }

  open(): void {
    this.readyState = 1
    this.onopen?.(undefined as never)
  }

  say(frame: object | ArrayBuffer): void {
    const data = frame instanceof ArrayBuffer ? frame : JSON.stringify(frame)
    this.onmessage?.({ data: data as never })
  }

  end(code: number): void {
    this.readyState = 3
    this.onclose?.({ code } as never)
  }

  /** Frames of one type that were sent. */
  of<T extends ClientFrame['type']>(type: T) {
    return this.sent.filter(
      (frame): frame is Extract<ClientFrame, { type: T }> => 'type' in frame && frame.type === type,
    )
  }
}

/** A WebSocket to construct, and what was constructed. */
export function createFakeSockets() {
  const opened: FakeSocket[] = []
  class Opened extends FakeSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols)
      opened.push(this)
    }
  }
  return { opened, WebSocket: Opened as SocketConstructor }
}
