import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

interface Teardown {
  teardown(end: () => Promise<void> | void): void
}

export interface Consumers {
  /** Ends the oldest that has begun to count with -9, and starts another in its place; whether there was one. */
  killOne(): boolean
  /** Asks all of them to end, once they have begun; their exit codes. */
  stop(): Promise<(number | null)[]>
  /** What they have written, a line each. */
  readonly lines: readonly string[]
}

/** Starts processes that count votes, as an operator would. */
export function startConsumers(t: Teardown, count: number, settings: Record<string, string>): Consumers {
  const lines: string[] = []
  const start = () => {
    const child = spawn(process.execPath, ['scripts/vote-worker.ts'], {
      cwd: root,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ENVIRONMENT: 'development', ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => lines.push(...chunk.trim().split('\n')))
    const consumer = { child, begun: once(child.stdout, 'data'), hasBegun: false }
    consumer.begun.then(() => {
      consumer.hasBegun = true
    })
    return consumer
  }
  const children = Array.from({ length: count }, start)
  t.teardown(async () => {
    await Promise.all(children.map(({ child }) => end(child, 'SIGKILL')))
  })
  return {
    lines,
    killOne() {
      // One that is still starting would never count anything on a slow machine.
      const oldest = children.find(({ hasBegun }) => hasBegun)
      if (!oldest) return false
      oldest.child.kill('SIGKILL')
      children.splice(children.indexOf(oldest), 1)
      children.push(start())
      return true
    },
    async stop() {
      await Promise.all(children.map(({ begun }) => begun))
      await Promise.all(children.map(({ child }) => end(child, 'SIGTERM')))
      return children.map(({ child }) => child.exitCode)
    },
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}
