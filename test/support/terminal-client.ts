import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Test } from 'tap'

const root = join(import.meta.dirname, '..', '..')

/** `scripts/join.ts` as npm runs it, with what it prints. Ended with the test. */
export function startClient(t: Test, args: readonly string[], environment: Record<string, string> = {}) {
  const { PATH = '', HOME = '' } = process.env
  const child: ChildProcess = spawn(process.execPath, ['scripts/join.ts', ...args], {
    cwd: root,
    env: { PATH, HOME, ...environment },
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
  const ended = once(child, 'close').then(([code]) => code as number | null)
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return {
    child,
    ended,
    text: () => text,
    type: (line: string) => child.stdin?.write(`${line}\n`),
    /** Resolves when it has printed that; the test's own timeout ends a wait that never does. */
    async printed(wanted: string | RegExp) {
      while (!(typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text))) {
        if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode} before ${wanted}:\n${text}`)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
  }
}
