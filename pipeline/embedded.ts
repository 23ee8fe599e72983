import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { EngineError } from './engine-error.ts'
import { createEnginePool, type EnginePool } from './engine-process/pool.ts'
import { modelPaths } from './models.ts'
import type { MoonshineLoad } from './moonshine/program.ts'
import type { WindowAnswer, WindowQuestion } from './recognition.ts'
import type { Transcriber, TranscriptSegment } from './transcriber.ts'
import { SAMPLE_RATE } from './voice-activity/silero.ts'
import { WHISPER_LANGUAGES } from './whisper/languages.ts'
import type { WhisperLoad } from './whisper/program.ts'

export interface EmbeddedTranscriberOptions {
  log: { warn(details: object, message: string): void }
  /** Where `npm run setup` puts the models. */
  modelsDir: string
  /** Processes of each engine at most, about 0.3 GB each. Default: one less than processors, 1 to 4. */
  processes?: number
  /** Requests that may wait for each engine. */
  maxWaiting?: number
}

type Recogniser = EnginePool<WindowQuestion, WindowAnswer>

const WINDOW = 30 * SAMPLE_RATE
const LANGUAGE_WINDOWS = 4
// A process that is busy this long hangs. Generous: a loaded machine is many times slower than an idle one.
const timeoutFor = (samples: Float32Array): number => 30_000 + (samples.length / SAMPLE_RATE) * 5_000
/** ISO 639-2 for "undetermined": nobody spoke, and nobody said which language it would have been. */
const NO_LANGUAGE = 'und'

/**
 * Speech to text on this machine: English by Moonshine, other languages by Whisper, each in processes of its own. What
 * has models is served; null when none has. English starts now, the rest at first use.
 */
export function createEmbeddedTranscriber(options: EmbeddedTranscriberOptions): Transcriber | null {
  const { modelsDir } = options
  const silero = modelPaths(modelsDir, 'silero')?.model
  const moonshineFiles = modelPaths(modelsDir, 'moonshine')
  const whisperFiles = modelPaths(modelsDir, 'whisper')
  if (silero === undefined || (!moonshineFiles && !whisperFiles)) return null
  const moonshine = moonshineFiles && pool<MoonshineLoad>('moonshine', { ...moonshineFiles, silero }, options)
  const whisper = whisperFiles && pool<WhisperLoad>('whisper', { ...whisperFiles, silero }, options)
  const served = whisper ? WHISPER_LANGUAGES : ['en']
  void (moonshine ?? whisper)?.prewarm()

  function recogniserOf(language: string): { engine: string; recogniser: Recogniser } {
    if (language === 'en' && moonshine) return { engine: 'moonshine-tiny', recogniser: moonshine }
    if (whisper) return { engine: 'whisper-tiny', recogniser: whisper }
    throw new EngineError('embedded', 'rejected', `no model for ${language}`)
  }

  /** The language of the first speech there is; null when there is none. */
  async function detect(samples: Float32Array, signal?: AbortSignal): Promise<string | null> {
    if (!whisper) return 'en'
    for (let at = 0; at < Math.min(samples.length, LANGUAGE_WINDOWS * WINDOW); at += WINDOW) {
      const window = samples.slice(at, at + WINDOW)
      const { language } = await whisper.ask({ samples: window, last: true }, timeoutFor(window), signal)
      if (language !== null) return language
    }
    return null
  }

  return {
    name: 'embedded',
    languages: () => served,
    async transcribe({ samples, language: given, signal }) {
      signal?.throwIfAborted()
      if (given !== undefined && !served.includes(given))
        throw new EngineError('embedded', 'rejected', `no model for ${given}`)
      const language = given ?? (await detect(samples, signal))
      if (language === null) return { text: '', language: NO_LANGUAGE, segments: [], engine: 'whisper-tiny' }
      const { engine, recogniser } = recogniserOf(language)
      const segments: TranscriptSegment[] = []
      // One window after the other, so that a long recording and people who speak take turns.
      for (let at = 0; at < samples.length; ) {
        // A copy: a part would be sent with all of the memory it is a part of.
        const window = samples.slice(at, at + WINDOW)
        const question = { samples: window, language, last: at + WINDOW >= samples.length }
        const found = await recogniser.ask(question, timeoutFor(window), signal)
        segments.push(...found.segments.map((segment) => moved(segment, at / SAMPLE_RATE)))
        at += found.consumed
      }
      return { text: segments.map(({ text }) => text).join(' '), language, segments, engine }
    },
    async close() {
      await Promise.all([moonshine?.close(), whisper?.close()])
    },
  }
}

function pool<L>(name: string, load: L, options: EmbeddedTranscriberOptions): Recogniser {
  const { log, processes = Math.max(1, Math.min(4, availableParallelism() - 1)), maxWaiting = 64 } = options
  const program = join(import.meta.dirname, name, 'program.ts')
  return createEnginePool<L, WindowQuestion, WindowAnswer>({ name, program, load, log, size: processes, maxWaiting })
}

function moved({ start_s, end_s, text }: TranscriptSegment, by: number): TranscriptSegment {
  const toMs = (seconds: number): number => Math.round(seconds * 1000) / 1000
  return { start_s: toMs(start_s + by), end_s: toMs(end_s + by), text }
}
