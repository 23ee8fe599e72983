import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { buildImage, type Image, pathIn } from './build.ts'

const root = join(import.meta.dirname, '..', '..', '..')

/** The shipped image, built in folders and sealed against writing. Gone with the test. */
export async function buildShippedImage(t: Pick<Test, 'teardown'>): Promise<Image> {
  const scratch = mkdtempSync(join(tmpdir(), 'fluentmeet-image-'))
  t.teardown(() => {
    spawnSync('chmod', ['-R', 'u+w', scratch])
    rmSync(scratch, { recursive: true, force: true })
  })
  const image = await buildImage(root, join(root, 'deploy', 'Dockerfile'), scratch)
  // As a read-only root: nobody may write to it. Its user can come to it, which a temporary folder does not allow by itself.
  const sealed = spawnSync('chmod', ['-R', 'a-w,a+rX', image.root], { encoding: 'utf8' })
  if (sealed.status !== 0) throw new Error(sealed.stderr)
  chmodSync(scratch, 0o711)
  return image
}

/** How a command of the image begins: by `env`, with the image's environment alone and nothing that tap adds to a child's. */
function prepare(
  t: Pick<Test, 'teardown'>,
  image: Image,
  settings: Record<string, string>,
  [program = '', ...args]: readonly string[],
) {
  const temporary = mkdtempSync(join(tmpdir(), 'fluentmeet-tmp-'))
  chmodSync(temporary, 0o1777)
  t.teardown(() => rmSync(temporary, { recursive: true, force: true }))
  const [uid, gid] = image.user.split(':').map(Number)
  const env = { ...image.environment, ...settings, TMPDIR: temporary, PATH: pathIn(image.root, process.env.PATH ?? '') }
  return {
    args: ['-i', ...Object.entries(env).map(([name, value]) => `${name}=${value}`), program, ...args],
    options: {
      cwd: join(image.root, image.workdir),
      // Only root can become another user; the files are sealed against whoever runs this otherwise.
      ...(process.getuid?.() === 0 && uid !== undefined && gid !== undefined ? { uid, gid } : {}),
    },
  }
}

/** Runs a command of the image to its end, as `docker run --read-only image COMMAND`. */
export function runIn(t: Test, image: Image, command: readonly string[], settings: Record<string, string>) {
  const { args, options } = prepare(t, image, settings, command)
  const { status, stdout, stderr } = spawnSync('env', args, { ...options, encoding: 'utf8' })
  return { status, stdout, stderr }
}

export interface Container {
  readonly child: ChildProcess
  readonly lines: string[]
  /** Waits for a line that holds this text. */
  printed(text: string): Promise<void>
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** Starts the image with its own command or another one. Ended with the test. */
export function startIn(
  t: Test,
  image: Image,
  settings: Record<string, string>,
  command: readonly string[] = image.command,
): Container {
  const { args, options } = prepare(t, image, settings, [...image.entrypoint, ...command])
  const child = spawn('env', args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'exit')
  const lines: string[] = []
  let heard: () => void = () => undefined
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      lines.push(...chunk.split('\n'))
      heard()
    })
  child.once('exit', () => heard())
  async function stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    child.kill(signal)
    await ended
    return child.exitCode
  }
  t.teardown(() => stop('SIGKILL'))
  return {
    child,
    lines,
    stop,
    async printed(text) {
      while (!lines.some((line) => line.includes(text))) {
        if (child.exitCode !== null) throw new Error(`it ended before it said ${text}:\n${lines.join('\n')}`)
        await new Promise<void>((resolve) => {
          heard = resolve
        })
      }
    },
  }
}
