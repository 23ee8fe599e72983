import { spawn } from 'node:child_process'

/** The shell pipeline ended, or could not be started, before it answered. */
export class PipelineEndedError extends Error {
  override readonly name = 'PipelineEndedError'
}

/** The shell pipeline did not answer in time; it has been killed. */
export class PipelineTimeoutError extends Error {
  override readonly name = 'PipelineTimeoutError'
}

/** One running shell pipeline. */
export interface Child {
  readonly alive: boolean
  /** Writes one request, in stream format, and reads to the NUL that ends its answer. One at a time. */
  ask(request: string, timeoutMs: number): Promise<string>
  /** Kills the whole process group at once. */
  kill(): void
  /** Lets the members end by themselves at the end of their input, and kills the group of those that do not. */
  close(): Promise<void>
}

const NUL = 0
const MAX_ANSWER_BYTES = 1024 * 1024
const CLOSE_MS = 1_000

/**
 * The shell runs the pipeline beside itself and lets go of its input and output, so that the members alone hold them:
 * when one dies, those after it end, and so does the output. The first redirection belongs to the first member.
 */
const script = (command: string): string => `exec 3<&0; <&3 ${command} & exec <&- >&- 3<&-; wait`

/**
 * Starts a shell pipeline in a process group of its own, so that all its members can be killed together. Its members
 * also end with us, whatever ends us, because their input ends.
 */
export function startChild(command: string): Child {
  // `$1` is the generator's option (`-n`: no marks at unknown words), `$2` must be empty.
  const shell = spawn('/bin/sh', ['-c', script(command), 'apertium', '-n', ''], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
    // Nothing of our environment, which holds secrets.
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C.UTF-8' },
  })
  let alive = true
  let waiting: { resolve(answer: string): void; reject(error: Error): void } | null = null
  let chunks: Buffer[] = []
  let bytes = 0
  let requests = 0
  const exited = new Promise<void>((resolve) => {
    shell.once('exit', () => resolve())
    shell.once('error', () => resolve())
  })

  function end(error: Error): void {
    if (!alive) return
    alive = false
    killGroup(shell.pid)
    waiting?.reject(error)
    waiting = null
  }

  const ended = (): void => end(new PipelineEndedError('The translation engine ended.'))
  shell.on('error', (cause) => end(new PipelineEndedError('The translation engine cannot be started.', { cause })))
  shell.on('exit', ended)
  shell.stdout.on('end', ended)
  shell.stdout.on('error', ended)
  shell.stdin.on('error', ended)

  shell.stdout.on('data', (chunk: Buffer) => {
    const nul = chunk.indexOf(NUL)
    chunks.push(nul === -1 ? chunk : chunk.subarray(0, nul))
    bytes += chunk.length
    if (bytes > MAX_ANSWER_BYTES) return end(new PipelineEndedError('The translation engine answers too much.'))
    if (nul === -1) return
    const answer = Buffer.concat(chunks).toString('utf8')
    chunks = []
    bytes = 0
    waiting?.resolve(answer)
    waiting = null
  })

  return {
    get alive() {
      return alive
    },
    ask(request, timeoutMs) {
      if (!alive) return Promise.reject(new PipelineEndedError('The translation engine ended.'))
      if (waiting) return Promise.reject(new Error('The pipeline answers one request at a time.'))
      // The blank makes every member flush, comes back at the end, and is what shows that an answer is whole: members
      // whose neighbour was killed write a NUL of their own before they end.
      const blank = `[${++requests}]`
      return new Promise<string>((resolve, reject) => {
        const timer = setTimeout(
          () => end(new PipelineTimeoutError(`The translation engine did not answer within ${timeoutMs} ms.`)),
          timeoutMs,
        )
        waiting = {
          resolve: (answer) => {
            clearTimeout(timer)
            if (answer.endsWith(blank)) return resolve(answer.slice(0, -blank.length))
            const broken = new PipelineEndedError('The translation engine broke off in its answer.')
            reject(broken)
            end(broken)
          },
          reject: (error) => {
            clearTimeout(timer)
            reject(error)
          },
        }
        shell.stdin.write(`${request}${blank}\0`)
      })
    },
    kill() {
      end(new PipelineEndedError('The translation engine was stopped.'))
    },
    async close() {
      if (alive && !waiting) {
        shell.stdin.end()
        const timer = setTimeout(() => this.kill(), CLOSE_MS)
        await exited
        clearTimeout(timer)
      } else this.kill()
      await exited
    },
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // No member is left.
  }
}
