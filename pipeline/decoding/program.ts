import { spawn } from 'node:child_process'

export interface Program {
  path: string
  args: readonly string[]
  /** What it may use: bytes of memory, seconds of processor time, bytes of a file. The system ends a program that uses more. */
  memory: number
  cpuSeconds: number
  fileSize: number
}

export interface ProgramRun {
  input: Buffer
  maxOutput: number
  timeoutMs: number
  signal: AbortSignal
}

export interface ProgramResult {
  output: Buffer[]
  /** Null: a signal ended it, ours or the system's. */
  code: number | null
  /** It wrote more than it may, and was ended. */
  overflowed: boolean
}

/** The limits hold for the program itself, which replaces the shell that sets them. The environment is emptied last: tools add to it. */
const LIMITED = 'ulimit -c 0; ulimit -d "$1"; ulimit -t "$2"; ulimit -f "$3"; shift 3; exec /usr/bin/env -i "$@"'

/**
 * Runs a program that reads all it gets on standard input and answers on standard output. It has no environment, and is gone when this
 * settles. Rejects with the signal's reason when it aborts, and when the program cannot be started.
 */
export async function runProgram(
  program: Program,
  { input, maxOutput, timeoutMs, signal }: ProgramRun,
): Promise<ProgramResult> {
  signal.throwIfAborted()
  const { path, args, memory, cpuSeconds, fileSize } = program
  const limits = [Math.ceil(memory / 1024), cpuSeconds, Math.ceil(fileSize / 512)].map(String)
  const child = spawn('/bin/sh', ['-c', LIMITED, 'sh', ...limits, path, ...args], {
    env: {},
    cwd: '/',
    stdio: ['pipe', 'pipe', 'ignore'],
    // A group of its own: what it starts ends with it.
    detached: true,
  })
  const end = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It is gone.
    }
  }
  const timer = setTimeout(end, timeoutMs)
  signal.addEventListener('abort', end, { once: true })
  const output: Buffer[] = []
  let size = 0
  child.stdout.on('data', (piece: Buffer) => {
    size += piece.length
    if (size > maxOutput) end()
    else output.push(piece)
  })
  // It may end without having read everything.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    signal.throwIfAborted()
    // What the shell says when there is no program, or none that it may start.
    if (code === 126 || code === 127) throw new Error(`${path} cannot be started.`)
    return { output, code, overflowed: size > maxOutput }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
  }
}
