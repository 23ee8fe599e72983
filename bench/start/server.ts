import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../test/support/ports.ts'

const POLL_MS = 5
const PATIENCE_MS = 60_000
const END_PATIENCE_MS = 20_000

export interface Started {
  readonly pid: number
  readonly ms: number
  /** What it has written to its terminal. */
  readonly said: () => string
  end(): Promise<void>
}

const PROJECT = join(import.meta.dirname, '..', '..')

/** Starts a program with the settings alone, in a folder that has no `.env`, and waits for the first 200 of /health. */
export async function startProgram(
  file: string,
  settings: Readonly<Record<string, string>>,
  folder: string,
): Promise<Started> {
  const port = await freePort()
  const { PATH = '', HOME = '' } = process.env
  const started = performance.now()
  const child = spawn(process.execPath, [join(PROJECT, file)], {
    cwd: folder,
    env: { PATH, HOME, PORT: String(port), ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })

  async function end(): Promise<void> {
    const kill = setTimeout(() => child.kill('SIGKILL'), END_PATIENCE_MS)
    child.kill('SIGTERM')
    await ended
    clearTimeout(kill)
  }

  const answers = async () => (await fetch(`http://127.0.0.1:${port}/health`)).status === 200
  while (!(await answers().catch(() => false))) {
    if (child.exitCode === null && performance.now() - started < PATIENCE_MS) await sleep(POLL_MS)
    else {
      await end()
      throw new Error(`${file} did not start: ${said.slice(-2000)}`)
    }
  }
  return { pid: child.pid ?? 0, ms: performance.now() - started, said: () => said, end }
}
