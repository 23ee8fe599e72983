import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Test } from 'tap'
import { dataFolder } from './data-folder.ts'
import { freePort } from './ports.ts'

export interface ServerProcess {
  readonly url: string
  readonly child: ChildProcess
  /** What the process has written so far, a line each. */
  readonly lines: string[]
  /** Sends the signal and waits for the end; the exit code, or null when a signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

const READY_ATTEMPTS = 900
const READY_PAUSE_MS = 100

/** Starts `server.ts` as a process of its own, as an operator would, and waits until it is ready. Ended on teardown. */
export async function startServer(t: Test, settings: Record<string, string> = {}): Promise<ServerProcess> {
  const port = settings.PORT ? Number(settings.PORT) : await freePort()
  const dataDir = dataFolder(t)
  const url = `http://127.0.0.1:${port}`
  const child = spawn(process.execPath, ['server.ts'], {
    cwd: join(import.meta.dirname, '..', '..'),
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      ENVIRONMENT: 'development',
      PORT: String(port),
      PUBLIC_URL: url,
      DATA_DIR: dataDir,
      SECRET_KEY: randomBytes(32).toString('base64url'),
      // Speech engines take seconds and hundreds of megabytes: a test that needs them says so.
      STT_ENGINE: 'none',
      TTS_ENGINE: 'none',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    let rest = ''
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\n')
      rest = parts.pop() ?? ''
      lines.push(...parts)
    })
  }
  const ended = once(child, 'exit')
  async function stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    child.kill(signal)
    await ended
    return child.exitCode
  }
  t.teardown(() => stop('SIGKILL'))
  for (let attempt = 0; ; attempt++) {
    const ready = await fetch(`${url}/readyz`).then(
      (response) => response.ok,
      () => false,
    )
    if (ready) return { url, child, lines, stop }
    if (child.exitCode !== null || child.signalCode !== null || attempt === READY_ATTEMPTS) {
      throw new Error(`the server did not become ready:\n${lines.slice(-40).join('\n')}`)
    }
    await new Promise((resolve) => setTimeout(resolve, READY_PAUSE_MS))
  }
}
