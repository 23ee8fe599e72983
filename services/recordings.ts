import { AppError, type ErrorCode } from '../errors.ts'
import type { Decoder } from '../pipeline/decoding/decoder.ts'
import { RecordingRefused, type RefusalReason } from '../pipeline/decoding/refusal.ts'
import { SAMPLE_RATE } from '../pipeline/decoding/resampler.ts'
import { baseLanguage } from '../pipeline/languages.ts'
import { createQueue } from '../pipeline/queue.ts'
import type { TranscriptionAnswer } from '../schemas/pipeline.ts'
import type { Allowance } from './allowance.ts'
import { createIntakes, type Intake } from './recordings/intake.ts'
import type { Transcription } from './transcription.ts'

export interface RecordingsDeps {
  decoder: Decoder
  transcription: Pick<Transcription, 'transcribe' | 'languages'>
  allowance: Pick<Allowance, 'take'>
  log: { warn(details: object, message: string): void }
  /** Of one file, in megabytes. */
  maxAudioSizeMb: number
  /** How many are worked on at once: each may hold some 100 MB of sound. */
  concurrency?: number
  maxWaiting?: number
  maxWaitingPerUser?: number
}

export interface RecordingRequest {
  userId: string
  file: Intake
  /** BCP 47; absent: the engine finds out. */
  language?: string
  /** Work stops when it aborts. */
  signal: AbortSignal
}

export interface Recordings {
  /** A place for a file that comes in from a user. Whoever opens it releases it. */
  open(userId: string): Intake
  /**
   * What is said in a recording. Throws UNSUPPORTED_MEDIA_TYPE, PAYLOAD_TOO_LARGE (more than a quarter of an hour) and UNPROCESSABLE
   * (damaged, or a language that nobody recognises) for the file, RATE_LIMIT_EXCEEDED when the user's allowance of the day is used up,
   * and PROVIDER_UNAVAILABLE when the engines fail or there is too much to do.
   */
  transcribe(request: RecordingRequest): Promise<TranscriptionAnswer>
}

const BYTES_PER_MB = 1024 * 1024
/** As many of the largest files as may come in and wait at once. */
const FILES_HELD = 16
/** And of one user. */
const FILES_HELD_PER_USER = 4

const CODES: Readonly<Record<RefusalReason, ErrorCode>> = {
  unsupported: 'UNSUPPORTED_MEDIA_TYPE',
  needs_program: 'UNSUPPORTED_MEDIA_TYPE',
  too_long: 'PAYLOAD_TOO_LARGE',
  damaged: 'UNPROCESSABLE',
}

/** Transcripts of recordings that people send. */
export function createRecordings(deps: RecordingsDeps): Recordings {
  const { decoder, transcription, allowance, log, maxAudioSizeMb } = deps
  const { concurrency = 3, maxWaiting = 64, maxWaitingPerUser = 32 } = deps
  const maxFile = maxAudioSizeMb * BYTES_PER_MB
  const open = createIntakes({
    maxFile,
    maxSender: maxFile * FILES_HELD_PER_USER,
    maxTotal: maxFile * FILES_HELD,
  })
  // Users take turns: one who sends a lot waits for itself.
  const queue = createQueue({ concurrency, maxWaiting, maxWaitingPerGroup: maxWaitingPerUser })

  /** What nobody recognises costs neither work nor allowance. */
  function requireServed(language: string | undefined): void {
    const { engine, languages } = transcription.languages()
    if (language !== undefined && engine !== null && !languages.includes(baseLanguage(language)))
      throw new AppError('UNPROCESSABLE', `No engine recognises ${language}.`)
  }

  async function work({ userId, file, language, signal }: RecordingRequest): Promise<TranscriptionAnswer> {
    const bytes = file.bytes()
    file.release()
    const samples = await decoder.decode(bytes, signal)
    const seconds = samples.length / SAMPLE_RATE
    await allowance.take(userId, 'audio_seconds', seconds)
    const request = { samples, signal, ...(language === undefined ? {} : { language }) }
    const answer = await transcription.transcribe(request)
    const segments = answer.segments.map(({ start_s, end_s, text }) => ({ start_s, end_s, text }))
    return { text: answer.text, language: answer.language, duration_s: Math.round(seconds * 1000) / 1000, segments }
  }

  return {
    open,
    async transcribe(request) {
      requireServed(request.language)
      try {
        return await queue.run(() => work(request), request.signal, request.userId)
      } catch (error) {
        if (error instanceof RecordingRefused) throw new AppError(CODES[error.reason], error.message)
        if (error instanceof AppError) throw error
        if (!request.signal.aborted) log.warn({ err: error }, 'a recording could not be opened')
        throw new AppError('PROVIDER_UNAVAILABLE', undefined, { cause: error })
      }
    },
  }
}
