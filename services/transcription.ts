import { AppError } from '../errors.ts'
import { baseLanguage } from '../pipeline/languages.ts'
import type {
  Transcriber,
  TranscriberAnswer,
  TranscriberRequest,
  TranscriberStream,
  TranscriberStreamRequest,
} from '../pipeline/transcriber.ts'
import { NO_METRICS, type PipelineMetrics } from './pipeline-metrics.ts'
import { type CircuitOptions, faultOf } from './stage/guard.ts'
import { listed, type StageLanguages } from './stage/listed.ts'
import { shownLine } from './stage/text.ts'
import { createStage, type StageLog } from './stage.ts'
import { NO_TRACING, type Tracing } from './tracing.ts'
import { checkedTranscript } from './transcription/check.ts'

export interface TranscriptionDeps {
  /** The primary first, then its fallback; none: nothing is served. Closed with the stage. */
  transcribers: readonly Transcriber[]
  log: StageLog
  metrics?: PipelineMetrics
  tracing?: Tracing
  /** How long one request may take, its time in the queue and the fallback included, and how much more for each second of sound. */
  timeoutMs?: number
  timeoutMsPerSecond?: number
  concurrency?: number
  maxWaiting?: number
  maxWaitingPerRoom?: number
  /** Of all speakers together; above it speech is recognised piece by piece. */
  maxStreams?: number
  circuit?: CircuitOptions
}

export interface TranscriptionRequest extends TranscriberRequest {
  /** The id of the room it is for: rooms take turns. */
  room?: string
}

export interface Transcription {
  /**
   * What was said. `language` may be any BCP 47 tag. Throws UNPROCESSABLE for a language that no engine serves, PROVIDER_UNAVAILABLE when
   * all engines fail, are too slow or have too much to do, and when `signal` aborts.
   */
  transcribe(request: TranscriptionRequest): Promise<TranscriberAnswer>
  /** Null when the engine that serves the language now does not take speech as it comes. */
  stream(request: TranscriberStreamRequest): TranscriberStream | null
  /** What can be recognised now. */
  languages(): StageLanguages
  close(): Promise<void>
}

const SAMPLE_RATE = 16_000

/** The transcription stage. */
export function createTranscription(deps: TranscriptionDeps): Transcription {
  const {
    transcribers,
    log,
    metrics = NO_METRICS,
    tracing = NO_TRACING,
    timeoutMs = 15_000,
    timeoutMsPerSecond = 1_000,
  } = deps
  const { concurrency = 8, maxWaiting = 64, maxWaitingPerRoom = 32, maxStreams = 64, circuit } = deps
  const limits = { concurrency, maxWaiting, maxWaitingPerRoom, ...(circuit ? { circuit } : {}) }
  const stage = createStage({ name: 'transcription', engines: transcribers, log, metrics, tracing, ...limits })
  let streams = 0

  const serving = (language: string): Transcriber[] =>
    transcribers.filter((transcriber) => transcriber.languages().includes(language))

  function open(transcriber: Transcriber, request: TranscriberStreamRequest): TranscriberStream | null {
    const guard = stage.guard(transcriber)
    let isOpen = true
    const close = (error: unknown): void => {
      if (!isOpen) return
      isOpen = false
      streams--
      guard.report(error)
      if (error !== null) metrics.failed('transcription', transcriber.name, faultOf(error))
    }
    const stream = transcriber.stream?.({
      language: request.language,
      onInterim: (text) => request.onInterim(shownLine(text)),
      onFinal: (text) => request.onFinal(shownLine(text)),
      onError(error) {
        log.warn({ err: error, stage: 'transcription', engine: transcriber.name }, 'a stream of speech broke')
        close(error)
        request.onError(error)
      },
    })
    if (!stream) return null
    streams++
    return {
      push: stream.push,
      async finish() {
        try {
          await stream.finish()
          close(null)
        } catch (error) {
          close(error)
          throw new AppError('PROVIDER_UNAVAILABLE', undefined, { cause: error })
        }
      },
      abort() {
        stream.abort()
        close(null)
      },
    }
  }

  return {
    async transcribe({ samples, language: tag, signal, room }) {
      const language = tag === undefined ? undefined : baseLanguage(tag)
      const candidates = language === undefined ? transcribers : serving(language)
      if (candidates.length === 0)
        throw new AppError('UNPROCESSABLE', tag ? `No engine recognises ${tag}.` : 'No engine recognises speech here.')
      const seconds = samples.length / SAMPLE_RATE
      return stage.run({
        candidates,
        async work(transcriber, either) {
          const request = { samples, signal: either, ...(language === undefined ? {} : { language }) }
          return checkedTranscript(transcriber.name, await transcriber.transcribe(request), seconds)
        },
        timeoutMs: timeoutMs + seconds * timeoutMsPerSecond,
        ...(signal ? { signal } : {}),
        ...(room === undefined ? {} : { room }),
      })
    },
    stream(request) {
      const language = baseLanguage(request.language)
      const [primary] = serving(language)
      // A trial of an engine that failed is made with a piece of speech, which can be given to the fallback.
      if (!primary?.stream || streams >= maxStreams || !stage.guard(primary).isTrusted()) return null
      return open(primary, { ...request, language })
    },
    languages: () => listed(transcribers.filter(stage.mayServe)),
    async close() {
      stage.close()
      await Promise.all(transcribers.map((transcriber) => transcriber.close()))
    },
  }
}
