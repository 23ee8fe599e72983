import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { answersOf } from './answers.ts'
import { quantile } from './machine.ts'
import { createPace } from './pace.ts'

// A client of HTTP as cheap as it can be, in a process of its own: keep-alive connections, each with one request under way.

export interface Load {
  readonly port: number
  readonly connections: number
  readonly requests: number
  /** Whole requests as they go over the wire; each connection takes the next. */
  readonly wire: readonly string[]
  /** What an answer may be; any other ends the run with an error. */
  readonly statuses: readonly number[]
  /** Ends sooner, after so many milliseconds. */
  readonly forMs?: number
  /** No more than so many requests a second. A time then counts from when its request was due, if that had to wait for a connection. */
  readonly perSecond?: number
  /** A new connection for each request: then times count from before it is made. */
  readonly fresh?: boolean
}

export interface Loaded {
  readonly requests: number
  readonly per_second: number
  readonly p50_ms: number
  readonly p99_ms: number
  readonly cpu_us: number
  /** How many answers had each status. */
  readonly answers: Readonly<Record<number, number>>
}

const round = (value: number) => Math.round(value * 1000) / 1000

export async function load({ port, connections, requests, wire, statuses, forMs, ...rest }: Load): Promise<Loaded> {
  const { perSecond = Number.POSITIVE_INFINITY, fresh = false } = rest
  const times = new Float64Array(requests)
  const answers: Record<number, number> = Object.fromEntries(statuses.map((status) => [status, 0]))
  const cpu = process.cpuUsage()
  const started = performance.now()
  const until = forMs === undefined ? Number.POSITIVE_INFINITY : started + forMs
  const pace = createPace(perSecond, started)
  let sent = 0
  let done = 0

  async function lane(): Promise<void> {
    let connection: Connection | null = fresh ? null : openConnection(port)
    try {
      while (sent < requests && performance.now() < until) {
        const at = sent++
        const wait = pace.waitFor(at, performance.now())
        if (wait > 0) await sleep(wait)
        const from = wait > 0 ? performance.now() : pace.since(at, performance.now())
        connection ??= openConnection(port)
        connection.socket.write(wire[at % wire.length] ?? '')
        const status = await connection.answers.next()
        if (answers[status] === undefined) throw new Error(`answered ${status}`)
        answers[status] += 1
        times[done++] = performance.now() - from
        if (!fresh) continue
        connection.socket.destroy()
        connection = null
      }
    } finally {
      connection?.socket.destroy()
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
    answers,
  }
}

type Connection = ReturnType<typeof openConnection>

function openConnection(port: number) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  return { socket, answers: answersOf(socket) }
}

process.on('message', (asked: Load) => {
  load(asked).then(
    (loaded) => process.send?.(loaded),
    (error: Error) => process.send?.({ error: error.message }),
  )
})
process.once('disconnect', () => process.exit())
