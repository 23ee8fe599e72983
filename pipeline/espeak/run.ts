import { spawn } from 'node:child_process'
import { EngineError } from '../engine-error.ts'

const HEADER_BYTES = 44
const RATE_OFFSET = 24
// Five minutes of speech: pieces are 400 characters at most.
const MAX_BYTES = 300 * 22_050 * 2

export interface EspeakRun {
  program: string
  voice: string
  text: string
  timeoutMs: number
  signal?: AbortSignal
}

/**
 * One espeak-ng process: text to its input, sound from its output. It is killed when the signal aborts, when it takes
 * too long, and when it says too much.
 */
export function runEspeak({ program, voice, text, timeoutMs, signal }: EspeakRun): Promise<Sound> {
  signal?.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<Sound>()
  // Words a minute: a little slower than its default, for people who listen to a second language.
  const child = spawn(program, ['-v', voice, '-s', '165', '-b', '1', '--stdin', '--stdout'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    // Nothing of our environment, which holds secrets.
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C.UTF-8' },
  })
  const chunks: Buffer[] = []
  let bytes = 0
  const stop = (reason: unknown): void => {
    child.kill('SIGKILL')
    reject(reason)
  }
  const abort = (): void => stop(signal?.reason)
  const kill = (): void => void child.kill('SIGKILL')
  const timer = setTimeout(() => stop(new EngineError('espeak-ng', 'slow', `not done in ${timeoutMs} ms`)), timeoutMs)
  signal?.addEventListener('abort', abort, { once: true })
  process.once('exit', kill)
  child.stdout.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > MAX_BYTES) stop(new EngineError('espeak-ng', 'garbage', 'it says too much'))
  })
  // It may end before it has read everything; how it ended says the rest.
  child.stdin.on('error', () => undefined)
  child.on('error', () => reject(new EngineError('espeak-ng', 'failed', 'it cannot be started')))
  child.on('close', (code, killed) => {
    if (code === 0) return resolve(soundOf(Buffer.concat(chunks)))
    reject(new EngineError('espeak-ng', 'failed', `it ended with ${killed ?? code}`))
  })
  child.stdin.end(`${text}\n`)
  return promise.finally(() => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
    process.off('exit', kill)
  })
}

export interface Sound {
  /** 16-bit little-endian mono. */
  pcm: Buffer
  sample_rate: number
}

/** The header says how fast; how long it cannot say, because it is written first. */
function soundOf(wav: Buffer): Sound {
  if (wav.length < HEADER_BYTES) return { pcm: Buffer.alloc(0), sample_rate: 22_050 }
  const pcm = wav.subarray(HEADER_BYTES)
  return { pcm: pcm.subarray(0, pcm.length - (pcm.length % 2)), sample_rate: wav.readUInt32LE(RATE_OFFSET) }
}
