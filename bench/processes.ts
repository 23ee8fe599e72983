import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Load, Loaded } from './load.ts'

/** A process that answers each message with one. */
export interface Worker {
  readonly child: ChildProcess
  ask<T>(message: object): Promise<T>
  close(): void
}

/** Starts a file of `bench/` as a process whose output goes nowhere, as a log would go to a collector. */
export function startWorker(file: string, args: readonly string[] = [], execArgv: string[] = []): Worker {
  const child = fork(join(import.meta.dirname, file), args, {
    execArgv,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  return {
    child,
    async ask<T>(message: object): Promise<T> {
      const answer = once(child, 'message')
      child.send(message)
      return checked<T>((await answer)[0])
    },
    close() {
      if (child.connected) child.disconnect()
    },
  }
}

/** What the worker says first. */
export async function firstWord<T>({ child }: Worker): Promise<T> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`ended with ${code}`)
  })
  const [word] = (await Promise.race([once(child, 'message'), ended])) as [T]
  ended.catch(() => undefined)
  return word
}

function checked<T>(answer: T & { error?: string }): T {
  if (answer.error !== undefined) throw new Error(answer.error)
  return answer
}

/** Makes requests from a process of its own. */
export function startLoader(): { run(load: Load): Promise<Loaded>; close(): void } {
  const worker = startWorker('load.ts')
  return { run: (asked) => worker.ask<Loaded>(asked), close: worker.close }
}
