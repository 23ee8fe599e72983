import { type ChildProcess, fork } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { EngineError } from '../engine-error.ts'
import type { Ask, Told } from './serve.ts'

export interface EngineProcessOptions<L> {
  /** For errors and the log. */
  name: string
  /** The program, which calls `serve`. */
  program: string
  /** What it needs to load. */
  load: L
  log: { warn(details: object, message: string): void }
  startTimeoutMs?: number
  /** The wait before a second start in a row; it doubles at each further one. */
  backOffMs?: number
}

/** One long-lived child process that runs native code, so that its crash is not ours. Asked one question at a time. */
export interface EngineProcess<Q, A> {
  /**
   * Starts the process where none runs. Rejects with an EngineError: `unreachable` when the process died, `slow` when
   * it did not answer in time (it is killed then), `failed` when it says so.
   */
  ask(question: Q, timeoutMs: number): Promise<A>
  /** Starts it now; failures are logged. */
  prewarm(): Promise<void>
  /** Kills without waiting: for the end of our own process. */
  kill(): void
  close(): Promise<void>
}

const MAX_BACK_OFF_MS = 5_000
const KEPT_OUTPUT = 500

export function createEngineProcess<L, Q, A>(options: EngineProcessOptions<L>): EngineProcess<Q, A> {
  const { name, program, load, log, startTimeoutMs = 60_000, backOffMs = 100 } = options
  const closing = new AbortController()
  let child: Running<Q, A> | null = null
  let starting: Promise<Running<Q, A>> | null = null
  let failures = 0

  async function start(): Promise<Running<Q, A>> {
    // The first restart is immediate: a single death is an accident, several in a row are a fault.
    const wait = failures < 2 ? 0 : Math.min(MAX_BACK_OFF_MS, backOffMs * 2 ** (failures - 2))
    if (wait > 0) await sleep(wait, undefined, { signal: closing.signal }).catch(() => undefined)
    if (closing.signal.aborted) throw new EngineError(name, 'unreachable', 'it is closed')
    const started = run<Q, A>(name, program)
    child = started
    await started.load(load, startTimeoutMs)
    return started
  }

  function ready(): Promise<Running<Q, A>> {
    if (child?.alive && !starting) return Promise.resolve(child)
    starting ??= start().finally(() => {
      starting = null
    })
    return starting
  }

  function failed(error: unknown): void {
    if (closing.signal.aborted) return
    failures++
    log.warn({ err: error, engine: name, failures, output: child?.output() }, 'speech engine process failed')
  }

  return {
    async ask(question, timeoutMs) {
      try {
        const answer = await (await ready()).ask(question, timeoutMs)
        failures = 0
        return answer
      } catch (error) {
        failed(error)
        throw error
      }
    },
    async prewarm() {
      await ready().catch(failed)
    },
    kill() {
      child?.kill()
    },
    async close() {
      closing.abort()
      child?.kill()
      await starting?.catch(() => undefined)
      child?.kill()
      await child?.ended
    },
  }
}

interface Running<Q, A> {
  readonly alive: boolean
  readonly ended: Promise<void>
  load(what: unknown, timeoutMs: number): Promise<void>
  ask(question: Q, timeoutMs: number): Promise<A>
  /** The end of what it wrote to its standard error. */
  output(): string
  kill(): void
}

function run<Q, A>(name: string, program: string): Running<Q, A> {
  const child: ChildProcess = fork(program, {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // Nothing of our environment, which holds secrets, nor of our options.
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin' },
    execArgv: [],
  })
  const { promise: ended, resolve: setEnded } = Promise.withResolvers<void>()
  let alive = true
  let output = ''
  let asked = 0
  let waiting: { accepts(told: Told<A>): boolean; settle(told: Told<A>): void; reject(error: Error): void } | null =
    null

  function end(error: Error): void {
    if (alive) child.kill('SIGKILL')
    alive = false
    waiting?.reject(error)
    waiting = null
  }

  child.stderr?.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-KEPT_OUTPUT)
  })
  child.on('error', () => {
    end(new EngineError(name, 'unreachable', 'its process cannot be started'))
    setEnded()
  })
  child.on('exit', (code, signal) => {
    end(new EngineError(name, 'unreachable', `its process ended (${signal ?? code})`))
    setEnded()
  })
  child.on('message', (told: Told<A>) => {
    if (!waiting?.accepts(told)) return
    const { settle } = waiting
    waiting = null
    settle(told)
  })

  /** Sends a message and waits for what answers it; kills the process when that does not come in time. */
  function send(message: object, accepts: (told: Told<A>) => boolean, timeoutMs: number): Promise<Told<A>> {
    if (!alive) return Promise.reject(new EngineError(name, 'unreachable', 'its process ended'))
    if (waiting) return Promise.reject(new EngineError(name, 'busy', 'one question at a time'))
    const { promise, resolve, reject } = Promise.withResolvers<Told<A>>()
    waiting = { accepts, settle: resolve, reject }
    const timer = setTimeout(() => end(new EngineError(name, 'slow', `no answer in ${timeoutMs} ms`)), timeoutMs)
    child.send(message, (error) => {
      if (error) end(new EngineError(name, 'unreachable', 'its process cannot be reached'))
    })
    return promise.finally(() => clearTimeout(timer))
  }

  return {
    get alive() {
      return alive
    },
    ended,
    async load(what, timeoutMs) {
      await send({ load: what }, (told) => 'ready' in told, timeoutMs)
    },
    async ask(question, timeoutMs) {
      const id = ++asked
      const message: Ask<Q> = { id, question }
      const told = await send(message, (candidate) => 'id' in candidate && candidate.id === id, timeoutMs)
      if ('answer' in told) return told.answer
      throw new EngineError(name, 'failed', 'failure' in told ? told.failure : 'no answer')
    },
    output: () => output,
    kill() {
      end(new EngineError(name, 'unreachable', 'its process was stopped'))
    },
  }
}
