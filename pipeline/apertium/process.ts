import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, PipelineEndedError, startChild } from './child.ts'

/** The one logger method that the engine needs. */
export interface EngineLog {
  warn(details: object, message: string): void
}

export interface WarmProcessOptions {
  /** For the log: the direction, `en-es`. */
  name: string
  /** The shell pipeline to run. */
  command: () => Promise<string>
  /** A first request: it makes every member load what it needs. */
  warmUp: string
  log: EngineLog
  /** How long one request may take before the process group is killed and started again. */
  timeoutMs?: number
  startTimeoutMs?: number
  /** The wait before a second start in a row; it doubles at each further one. */
  backOffMs?: number
}

/** One direction, kept warm: started at first use, restarted when it ends. */
export interface WarmProcess {
  /** Answers in the order of the questions. A request whose process died is tried once more, on a new one. */
  ask(request: string, signal?: AbortSignal): Promise<string>
  /** Starts it now; failures are logged. */
  prewarm(): Promise<void>
  /** Kills without waiting: for the end of our own process. */
  kill(): void
  close(): Promise<void>
}

interface Job {
  request: string
  resolve(answer: string): void
  reject(error: unknown): void
  cancelled: boolean
}

const MAX_BACK_OFF_MS = 5_000

export function createWarmProcess(options: WarmProcessOptions): WarmProcess {
  const { name, command, warmUp, log, timeoutMs = 3_000, startTimeoutMs = 10_000, backOffMs = 100 } = options
  const queue: Job[] = []
  const closing = new AbortController()
  let child: Child | null = null
  let starting: Promise<Child> | null = null
  let draining = false
  let failures = 0

  async function start(): Promise<Child> {
    // The first restart is immediate: a single death is an accident, several in a row are a fault.
    const wait = failures < 2 ? 0 : Math.min(MAX_BACK_OFF_MS, backOffMs * 2 ** (failures - 2))
    if (wait > 0) await sleep(wait, undefined, { signal: closing.signal })
    const shellCommand = await command()
    closing.signal.throwIfAborted()
    const started = startChild(shellCommand)
    child = started
    await started.ask(warmUp, startTimeoutMs)
    return started
  }

  function failed(error: unknown): void {
    if (closing.signal.aborted) return
    failures++
    log.warn({ err: error, direction: name, failures }, 'translation engine process failed')
  }

  function ready(): Promise<Child> {
    if (child?.alive && !starting) return Promise.resolve(child)
    starting ??= start().finally(() => {
      starting = null
    })
    return starting
  }

  async function attempt(job: Job, retry: boolean): Promise<string> {
    try {
      const running = await ready()
      const answer = await running.ask(job.request, timeoutMs)
      failures = 0
      return answer
    } catch (error) {
      failed(error)
      if (retry && error instanceof PipelineEndedError && !job.cancelled && !closing.signal.aborted) {
        return attempt(job, false)
      }
      throw error
    }
  }

  // One request is with the process at a time, so that a death or a hang costs that one only and the rest wait.
  async function drain(): Promise<void> {
    if (draining) return
    draining = true
    for (let job = queue.shift(); job; job = queue.shift()) {
      if (job.cancelled) continue
      try {
        job.resolve(await attempt(job, true))
      } catch (error) {
        job.reject(error)
      }
    }
    draining = false
  }

  return {
    ask(request, signal) {
      if (closing.signal.aborted) return Promise.reject(new PipelineEndedError('The translation engine is closed.'))
      if (signal?.aborted) return Promise.reject(signal.reason)
      return new Promise<string>((resolve, reject) => {
        const cancel = (): void => {
          job.cancelled = true
          reject(signal?.reason)
        }
        const settled = (): void => signal?.removeEventListener('abort', cancel)
        const job: Job = {
          request,
          cancelled: false,
          resolve: (answer) => {
            settled()
            resolve(answer)
          },
          reject: (error) => {
            settled()
            reject(error)
          },
        }
        signal?.addEventListener('abort', cancel, { once: true })
        queue.push(job)
        void drain()
      })
    },
    async prewarm() {
      await ready().catch(failed)
    },
    kill() {
      child?.kill()
    },
    async close() {
      closing.abort()
      for (const job of queue.splice(0)) job.reject(new PipelineEndedError('The translation engine is closed.'))
      if (starting) child?.kill()
      await starting?.catch(() => undefined)
      await child?.close()
    },
  }
}
