import { EXIT, type Limits } from './limits.ts'
import { type Program, type ProgramResult, runProgram } from './program.ts'
import { decodingProgram, ffmpegProgram } from './programs.ts'
import { RecordingRefused, type RefusalReason } from './refusal.ts'
import { SAMPLE_RATE } from './resampler.ts'

export interface DecoderOptions extends Partial<Limits> {
  /** Reads MP4; null: there is none. Default: ffmpeg, where it is installed. */
  mp4Program?: Program | null
  /** Reads the rest, and tells what a file is. */
  program?: Program
}

export interface Decoder {
  /**
   * The sound of a file in one of the formats, told by its content, as 16 kHz mono. Each file has a process of its own, which is gone when
   * this settles. Rejects with RecordingRefused, with the signal's reason when it aborts, and when no process can be started.
   */
  decode(bytes: Buffer, signal: AbortSignal): Promise<Float32Array>
}

const BYTES_PER_SAMPLE = 4
const REASONS = new Map<number, RefusalReason>(
  Object.entries(EXIT).map(([reason, code]) => [code, reason as RefusalReason]),
)
const MESSAGES: Readonly<Record<RefusalReason, string>> = {
  unsupported: 'The file is none of wav, webm, ogg, mp3, m4a and flac.',
  damaged: 'The file is cut off, damaged or without sound.',
  too_long: 'The recording is too long.',
  needs_program: 'This server reads no m4a: send wav, webm, ogg, mp3 or flac.',
}

/** Opens recordings of strangers in processes that are limited in memory, time and output, and in what they can reach. */
export function createDecoder(options: DecoderOptions = {}): Decoder {
  const { maxSeconds = 900, timeoutMs = 60_000, cpuSeconds = 20 } = options
  const limits = { maxSeconds, timeoutMs, cpuSeconds }
  const { program = decodingProgram(limits) } = options
  const mp4Program = options.mp4Program === undefined ? ffmpegProgram(limits) : options.mp4Program
  const maxSamples = maxSeconds * SAMPLE_RATE
  // A little more than allowed, so that too much shows.
  const maxOutput = (maxSamples + SAMPLE_RATE) * BYTES_PER_SAMPLE

  async function decode(bytes: Buffer, signal: AbortSignal): Promise<Float32Array> {
    const run = { input: bytes, maxOutput, timeoutMs, signal }
    let result = await runProgram(program, run)
    if (result.code === EXIT.needs_program) {
      if (!mp4Program) throw refusal('needs_program')
      result = await runProgram(mp4Program, run)
    }
    if (result.overflowed) throw refusal('too_long')
    if (result.code !== 0) throw refusal(REASONS.get(result.code ?? 0) ?? 'damaged')
    const samples = samplesIn(result)
    if (samples.length > maxSamples) throw refusal('too_long')
    if (samples.length < SAMPLE_RATE / 100) throw refusal('damaged')
    return samples
  }

  return { decode }
}

function refusal(reason: RefusalReason): RecordingRefused {
  return new RecordingRefused(reason, MESSAGES[reason])
}

function samplesIn({ output }: ProgramResult): Float32Array {
  const size = output.reduce((sum, piece) => sum + piece.length, 0)
  const samples = new Float32Array(Math.floor(size / BYTES_PER_SAMPLE))
  const bytes = new Uint8Array(samples.buffer)
  let at = 0
  for (const piece of output) {
    bytes.set(piece.subarray(0, bytes.length - at), at)
    at = Math.min(bytes.length, at + piece.length)
  }
  return samples
}
