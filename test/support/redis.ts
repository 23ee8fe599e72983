import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { freePort } from './ports.ts'

export interface RedisServer {
  readonly url: string
  readonly port: number
  /** Asks it to end, and waits until it has. */
  stop(): Promise<void>
  /** Starts it again, on the same port: empty, unless it keeps an append-only file. */
  start(): Promise<void>
  /** Ends it at once. */
  kill(): Promise<void>
  /** Holds it up: it keeps its connections and answers nothing. */
  pause(): void
  resume(): void
}

const START_MS = 20_000

/** A real redis-server on a free port of the loopback, ended with the test. */
export async function startRedis(
  t: Pick<Test, 'teardown'>,
  options: { port?: number; appendOnly?: boolean; settings?: readonly string[] } = {},
): Promise<RedisServer> {
  const port = options.port ?? (await freePort())
  const directory = await mkdtemp(join(tmpdir(), 'fluentmeet-redis-'))
  let child: ChildProcess | null = null

  async function start(): Promise<void> {
    if (child) return
    const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', directory]
    settings.push('--appendonly', options.appendOnly ? 'yes' : 'no', '--daemonize', 'no')
    settings.push(...(options.settings ?? []))
    const started = spawn('redis-server', settings, { stdio: 'ignore' })
    child = started
    let ended: string | null = null
    started.once('error', (error) => {
      ended = error.message
    })
    started.once('exit', (code) => {
      ended ??= `exit ${code}`
    })
    const deadline = Date.now() + START_MS
    while (!(await answers(port))) {
      if (ended !== null || Date.now() > deadline) throw new Error(`redis-server did not start: ${ended ?? 'too slow'}`)
      await sleep(20)
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = child
    child = null
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return
    const exited = once(ending, 'exit')
    ending.kill(signal)
    // One that is held up ends only when it goes on.
    ending.kill('SIGCONT')
    await exited
  }

  t.teardown(async () => {
    await end('SIGKILL')
    await rm(directory, { recursive: true, force: true })
  })
  await start()
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
  }
}

/** Whether a Redis answers PING on the port. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = new Socket()
    const finish = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(1000, () => finish(false))
    socket.on('error', () => finish(false))
    socket.on('close', () => resolve(false))
    // One that asks for a password answers too.
    socket.on('data', (data) => finish(/^(\+PONG|-NOAUTH)/.test(data.toString())))
    socket.connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
  })
}
