import { AppError } from '../errors.ts'
import { createFlights } from '../pipeline/flights.ts'
import { baseLanguage } from '../pipeline/languages.ts'
import type { Translator, TranslatorAnswer } from '../pipeline/translator.ts'
import type { PipelineLanguages } from '../schemas/pipeline.ts'
import type { SharedCache } from '../state/shared-cache.ts'
import { NO_METRICS, type PipelineMetrics } from './pipeline-metrics.ts'
import type { CircuitOptions } from './stage/guard.ts'
import { createStage, type StageLog } from './stage.ts'
import { NO_TRACING, type Tracing } from './tracing.ts'
import { checkedTranslation } from './translation/check.ts'
import { createTranslationMemory, type SourceText, type TranslationKey, translationKey } from './translation/memory.ts'
import { createPairs } from './translation/pairs.ts'

export { baseLanguage }

export interface TranslationDeps {
  /** The primary first, then its fallback; none: every pair is unsupported. Closed with the stage. */
  translators: readonly Translator[]
  log: StageLog
  metrics?: PipelineMetrics
  tracing?: Tracing
  /** Translations that other processes made, and the secret that locks them. */
  shared?: { cache: SharedCache; secret: string }
  /** What the other stages can do now, for `languages`. */
  otherStages?: () => Pick<PipelineLanguages, 'transcription' | 'speech'>
  /** How long one translation may take, its time in the queue and the fallback included; longer texts get more. */
  timeoutMs?: number
  concurrency?: number
  maxWaiting?: number
  maxWaitingPerRoom?: number
  /** How many translations are remembered. */
  cacheEntries?: number
  circuit?: CircuitOptions
}

export interface TranslationRequest {
  text: string
  /** BCP 47; only its language counts: `pt-BR` is `pt`. */
  source: string
  target: string
  signal?: AbortSignal
  /** The id of the room it is for: rooms take turns. */
  room?: string
  /** A text that another is about to replace: not worth telling other processes. */
  passing?: boolean
  /** Asked before an engine works, not for what is remembered: whether somebody pays for it. */
  pay?: () => Promise<boolean>
}

/** A caption in one language. `untranslated` carries the original text. */
export interface CaptionText {
  text: string
  status: 'original' | 'translated' | 'untranslated'
  engine?: string
}

export interface CaptionRequest {
  text: string
  source: string
  targets: readonly string[]
  signal?: AbortSignal
  room?: string
  passing?: boolean
  pay?: () => Promise<boolean>
}

export interface Translation {
  /**
   * Translates a text. `engine` tells which engine served. Throws UNPROCESSABLE for a pair that no engine serves, PROVIDER_UNAVAILABLE
   * when all engines fail, are too slow or have too much to do, and when `signal` aborts, RATE_LIMIT_EXCEEDED when nobody pays.
   */
  translate(request: TranslationRequest): Promise<TranslatorAnswer>
  /** Begins to look up what other processes made of a text that is about to be asked for: whoever must wait for something else first. */
  expect(request: Pick<CaptionRequest, 'text' | 'source' | 'targets'>): void
  /** The text in each of the targets, keyed by target as given; each is translated once. Never throws. */
  caption(request: CaptionRequest): Promise<Record<string, CaptionText>>
  /** Whether some engine translates from one language to the other; false for one language alone. */
  serves(source: string, target: string): boolean
  /** What each stage of the pipeline can do now. */
  languages(): PipelineLanguages
  /** Stops what is under way and ends the engines. */
  close(): Promise<void>
}

const MS_PER_CHARACTER = 2
const NO_STAGE = { engine: null, languages: [] }

/** The translation stage. What was translated before is not translated again, and what several ask for at once is translated once. */
export function createTranslation(deps: TranslationDeps): Translation {
  const {
    translators = [],
    log,
    metrics = NO_METRICS,
    tracing = NO_TRACING,
    shared,
    timeoutMs = 5_000,
    cacheEntries = 5_000,
  } = deps
  const { concurrency = 16, maxWaiting = 200, maxWaitingPerRoom = 100, circuit } = deps
  const { otherStages = () => ({ transcription: NO_STAGE, speech: NO_STAGE }) } = deps
  const limits = { concurrency, maxWaiting, maxWaitingPerRoom, ...(circuit ? { circuit } : {}) }
  const stage = createStage({ name: 'translation', engines: translators, log, metrics, tracing, ...limits })
  const pairs = createPairs(translators)
  const memory = createTranslationMemory({ entries: cacheEntries, shared })
  const flights = createFlights<TranslatorAnswer>()

  function keyOf(translator: Translator, { text, source, target }: SourceText & { target: string }): TranslationKey {
    return translationKey({ text, source, target, engine: pairs.identity(translator, source, target) })
  }

  async function ask(
    translator: Translator,
    key: TranslationKey,
    passing: boolean,
    signal: AbortSignal,
  ): Promise<TranslatorAnswer> {
    const { text, source, target } = key
    const answer = await translator.translate({ text, source, target, signal })
    const checked = { text: checkedTranslation(translator.name, answer.text, text), engine: answer.engine }
    memory.keep(key, checked, { share: !passing })
    return checked
  }

  async function translate(request: TranslationRequest): Promise<TranslatorAnswer> {
    const { text, signal, room, passing = false, pay } = request
    const [source, target] = [baseLanguage(request.source), baseLanguage(request.target)]
    const candidates = pairs.serving(source, target)
    const [primary] = candidates
    if (!primary) throw unserved(request, translators)
    const first = keyOf(primary, { text, source, target })
    const recalled = memory.recall(first)
    if (recalled) {
      metrics.cache('process')
      return recalled
    }
    const work = async (flight: AbortSignal | undefined): Promise<TranslatorAnswer> => {
      const found = passing ? undefined : await memory.find(first)
      metrics.cache(found ? 'shared' : 'none')
      if (found) return found
      if (pay && !(await pay())) throw new AppError('RATE_LIMIT_EXCEEDED')
      return stage.run({
        candidates,
        work: async (translator, either) => {
          if (translator === primary) return ask(translator, first, passing, either)
          // While the primary is away the fallback's translations are remembered as well.
          const key = keyOf(translator, first)
          const known = passing ? memory.recall(key) : await memory.find(key)
          return known ?? ask(translator, key, passing, either)
        },
        timeoutMs: timeoutMs + text.length * MS_PER_CHARACTER,
        ...(flight ? { signal: flight } : {}),
        ...(room === undefined ? {} : { room }),
      })
    }
    try {
      // One who pays is not joined by others: what it cannot pay they would lack.
      if (pay) return await work(signal)
      return await flights.join(first.name, work, signal)
    } catch (error) {
      throw error instanceof AppError ? error : new AppError('PROVIDER_UNAVAILABLE', undefined, { cause: error })
    }
  }

  async function captionIn(target: string, request: CaptionRequest): Promise<CaptionText> {
    const { targets: _, ...rest } = request
    const { text, source } = request
    if (baseLanguage(source) === baseLanguage(target)) return { text, status: 'original' }
    try {
      const answer = await translate({ ...rest, target })
      return { text: answer.text, status: 'translated', engine: answer.engine }
    } catch {
      return { text, status: 'untranslated' }
    }
  }

  return {
    translate,
    expect({ text, source: tag, targets }) {
      const source = baseLanguage(tag)
      const isUnknown = (target: string) => {
        const [primary] = pairs.serving(source, target)
        return primary !== undefined && !memory.recall(keyOf(primary, { text, source, target }))
      }
      if (targets.map(baseLanguage).some(isUnknown)) memory.expect({ text, source })
    },
    async caption(request) {
      const targets = [...new Set(request.targets)]
      return Object.fromEntries(
        await Promise.all(targets.map(async (target) => [target, await captionIn(target, request)] as const)),
      )
    },
    serves: (source, target) => pairs.serving(baseLanguage(source), baseLanguage(target)).length > 0,
    languages() {
      const serving = translators.filter((translator) => stage.mayServe(translator) && translator.pairs().length > 0)
      const [first] = serving
      return { ...otherStages(), translation: { engine: first?.name ?? null, pairs: pairs.of(serving) } }
    },
    async close() {
      flights.abort(new DOMException('Translation is closed.', 'AbortError'))
      stage.close()
      await Promise.all([memory.close(), ...translators.map((translator) => translator.close())])
    },
  }
}

/** A provider that has not said yet what it serves may serve it. */
function unserved({ source, target }: TranslationRequest, translators: readonly Translator[]): AppError {
  if (translators.some((translator) => translator.ready?.() === false)) return new AppError('PROVIDER_UNAVAILABLE')
  return new AppError('UNPROCESSABLE', `No engine translates from ${source} to ${target}.`)
}
