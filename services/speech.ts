import { AppError } from '../errors.ts'
import { EngineError } from '../pipeline/engine-error.ts'
import { baseLanguage } from '../pipeline/languages.ts'
import type { Speech, Synthesizer, SynthesizerRequest } from '../pipeline/synthesizer.ts'
import { NO_METRICS, type PipelineMetrics } from './pipeline-metrics.ts'
import type { CircuitOptions } from './stage/guard.ts'
import { listed, type StageLanguages } from './stage/listed.ts'
import { createStage, type StageLog } from './stage.ts'
import { NO_TRACING, type Tracing } from './tracing.ts'

export interface SpeechDeps {
  /** The primary first, then its fallback; none: nothing is served. Closed with the stage. */
  synthesizers: readonly Synthesizer[]
  log: StageLog
  metrics?: PipelineMetrics
  tracing?: Tracing
  /** How long one text may take, its time in the queue and the fallback included; longer texts get more. */
  timeoutMs?: number
  concurrency?: number
  maxWaiting?: number
  maxWaitingPerRoom?: number
  circuit?: CircuitOptions
}

export interface SpeechRequest extends SynthesizerRequest {
  /** The id of the room it is for: rooms take turns. */
  room?: string
}

export interface SpeechStage {
  /**
   * A text as sound. `language` may be any BCP 47 tag. Throws UNPROCESSABLE for a language that no engine speaks, PROVIDER_UNAVAILABLE when
   * all engines fail, are too slow or have too much to do, and when `signal` aborts.
   */
  synthesize(request: SpeechRequest): Promise<Speech>
  /** What can be spoken now. */
  languages(): StageLanguages
  close(): Promise<void>
}

const MS_PER_CHARACTER = 5
const MAX_BYTES = 64 * 1024 * 1024

/** The speech stage. */
export function createSpeech(deps: SpeechDeps): SpeechStage {
  const { synthesizers, log, metrics = NO_METRICS, tracing = NO_TRACING, timeoutMs = 10_000 } = deps
  const { concurrency = 8, maxWaiting = 64, maxWaitingPerRoom = 32, circuit } = deps
  const limits = { concurrency, maxWaiting, maxWaitingPerRoom, ...(circuit ? { circuit } : {}) }
  const stage = createStage({ name: 'speech', engines: synthesizers, log, metrics, tracing, ...limits })

  return {
    async synthesize({ text, language: tag, voice, signal, room }) {
      const language = baseLanguage(tag)
      const candidates = synthesizers.filter((synthesizer) => synthesizer.languages().includes(language))
      if (candidates.length === 0) throw new AppError('UNPROCESSABLE', `No engine speaks ${tag}.`)
      return stage.run({
        candidates,
        async work(synthesizer, either) {
          // A voice is the name of one engine's own: the fallback speaks with its usual one.
          const named = voice !== undefined && synthesizer === candidates[0] ? { voice } : {}
          return checked(synthesizer, await synthesizer.synthesize({ text, language, ...named, signal: either }))
        },
        timeoutMs: timeoutMs + text.length * MS_PER_CHARACTER,
        ...(signal ? { signal } : {}),
        ...(room === undefined ? {} : { room }),
      })
    },
    languages: () => listed(synthesizers.filter(stage.mayServe)),
    async close() {
      stage.close()
      await Promise.all(synthesizers.map((synthesizer) => synthesizer.close()))
    },
  }
}

function checked({ name }: Synthesizer, speech: Speech): Speech {
  const { pcm, sample_rate } = speech
  const isRate = Number.isInteger(sample_rate) && sample_rate >= 8_000 && sample_rate <= 48_000
  if (!isRate || pcm.length === 0 || pcm.length % 2 !== 0 || pcm.length > MAX_BYTES)
    throw new EngineError(name, 'garbage', 'an answer that is no speech')
  return speech
}
