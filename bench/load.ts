import { connect, type Socket } from 'node:net'
import { quantile } from './machine.ts'

// A client of HTTP as cheap as it can be, in a process of its own: keep-alive connections, each with one request under way.

export interface Load {
  readonly port: number
  readonly connections: number
  readonly requests: number
  /** Whole requests as they go over the wire; each connection takes the next. */
  readonly wire: readonly string[]
  /** The status that every answer must have. */
  readonly status: number
  /** Ends sooner, after so many milliseconds. */
  readonly forMs?: number
}

export interface Loaded {
  readonly requests: number
  readonly per_second: number
  readonly p50_ms: number
  readonly p99_ms: number
  readonly cpu_us: number
}

const END_OF_HEAD = Buffer.from('\r\n\r\n')
const round = (value: number) => Math.round(value * 1000) / 1000

export async function load({ port, connections, requests, wire, status, forMs }: Load): Promise<Loaded> {
  const times = new Float64Array(requests)
  const cpu = process.cpuUsage()
  const started = performance.now()
  const until = forMs === undefined ? Number.POSITIVE_INFINITY : started + forMs
  let sent = 0
  let done = 0

  async function lane(): Promise<void> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const answers = answersOf(socket)
    try {
      while (sent < requests && performance.now() < until) {
        const text = wire[sent++ % wire.length] ?? ''
        const at = performance.now()
        socket.write(text)
        const answered = await answers.next()
        if (answered !== status) throw new Error(`answered ${answered}`)
        times[done++] = performance.now() - at
      }
    } finally {
      socket.destroy()
    }
  }

  await Promise.all(Array.from({ length: connections }, lane))
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const all = Array.from(times.subarray(0, done))
  const [p50, p99] = [quantile(all, 0.5), quantile(all, 0.99)]
  return {
    requests: done,
    per_second: Math.round(done / seconds),
    p50_ms: round(p50),
    p99_ms: round(p99),
    cpu_us: user + system,
  }
}

/** The statuses of the answers on a connection, one after another. */
function answersOf(socket: Socket): { next(): Promise<number> } {
  let held: Buffer = Buffer.alloc(0)
  let take: ((status: number) => void) | null = null
  let fail: ((error: Error) => void) | null = null
  socket.on('data', (chunk: Buffer) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    const end = held.indexOf(END_OF_HEAD)
    if (end === -1) return
    const head = held.toString('latin1', 0, end)
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
    if (held.length < end + END_OF_HEAD.length + length) return
    held = held.subarray(end + END_OF_HEAD.length + length)
    take?.(Number(head.slice(9, 12)))
  })
  const end = (error: Error) => fail?.(error)
  socket.on('error', end)
  socket.on('close', () => end(new Error('the connection was closed')))
  return {
    next: () =>
      new Promise((resolve, reject) => {
        take = resolve
        fail = reject
      }),
  }
}

process.on('message', (asked: Load) => {
  load(asked).then(
    (loaded) => process.send?.(loaded),
    (error: Error) => process.send?.({ error: error.message }),
  )
})
process.once('disconnect', () => process.exit())
