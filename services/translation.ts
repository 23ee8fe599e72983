import { LRUCache } from 'lru-cache'
import { AppError } from '../errors.ts'
import { createFlights } from '../pipeline/flights.ts'
import { createQueue } from '../pipeline/queue.ts'
import type { TranslationPair, Translator, TranslatorAnswer } from '../pipeline/translator.ts'
import type { PipelineLanguages } from '../schemas/pipeline.ts'

export interface TranslationDeps {
  /** Null when no engine is installed: every pair is then unsupported. */
  translator: Translator | null
  log: { warn(details: object, message: string): void }
  /** How long one translation may take, its time in the queue included. */
  timeoutMs?: number
  concurrency?: number
  maxWaiting?: number
  /** How many translations are remembered. */
  cacheEntries?: number
}

export interface TranslationRequest {
  text: string
  /** BCP 47; only its language counts: `pt-BR` is `pt`. */
  source: string
  target: string
  signal?: AbortSignal
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
}

export interface Translation {
  /**
   * Translates a text. Throws UNPROCESSABLE for a pair that no engine serves, PROVIDER_UNAVAILABLE when the engine
   * fails, is too slow or has too much to do, and when `signal` aborts.
   */
  translate(request: TranslationRequest): Promise<TranslatorAnswer>
  /** The text in each of the targets, keyed by target as given; each is translated once. Never throws. */
  caption(request: CaptionRequest): Promise<Record<string, CaptionText>>
  /** What each stage of the pipeline can do now. */
  languages(): PipelineLanguages
  /** Stops what is under way and ends the engine. */
  close(): Promise<void>
}

const MAX_CACHED_CHARACTERS = 4_000_000

/** The translation stage: one engine behind a cache, a bounded queue and a time limit. */
export function createTranslation(deps: TranslationDeps): Translation {
  const { translator, log, timeoutMs = 5_000, concurrency = 16, maxWaiting = 200, cacheEntries = 5_000 } = deps
  const pairs = new Map<string, TranslationPair>()
  for (const pair of translator?.pairs() ?? []) pairs.set(`${pair.source}-${pair.target}`, pair)
  const cache = new LRUCache<string, TranslatorAnswer>({
    max: cacheEntries,
    maxSize: MAX_CACHED_CHARACTERS,
    sizeCalculation: (answer, key) => answer.text.length + key.length + 1,
  })
  const flights = createFlights<TranslatorAnswer>({ timeoutMs })
  const queue = createQueue({ concurrency, maxWaiting })

  async function translate({ text, source, target, signal }: TranslationRequest): Promise<TranslatorAnswer> {
    const from = baseLanguage(source)
    const to = baseLanguage(target)
    const pair = pairs.get(`${from}-${to}`)
    if (!translator || !pair) throw new AppError('UNPROCESSABLE', `No engine translates from ${source} to ${target}.`)
    const key = `${pair.engine}\n${from}\n${to}\n${text}`
    const cached = cache.get(key)
    if (cached) return cached
    const work = async (workSignal: AbortSignal): Promise<TranslatorAnswer> => {
      const request = { text, source: from, target: to, signal: workSignal }
      const answer = await queue.run(() => translator.translate(request), workSignal)
      if (answer.text.trim() === '' && text.trim() !== '') throw new Error('The engine answered nothing.')
      cache.set(key, answer)
      return answer
    }
    try {
      return await flights.join(key, work, signal)
    } catch (error) {
      // The text is not logged: what people say is theirs.
      if (!signal?.aborted) log.warn({ err: error, source: from, target: to }, 'translation failed')
      throw new AppError('PROVIDER_UNAVAILABLE', undefined, { cause: error })
    }
  }

  async function captionIn(target: string, request: CaptionRequest): Promise<CaptionText> {
    const { text, source, signal } = request
    if (baseLanguage(source) === baseLanguage(target)) return { text, status: 'original' }
    try {
      const answer = await translate({ text, source, target, ...(signal ? { signal } : {}) })
      return { text: answer.text, status: 'translated', engine: answer.engine }
    } catch {
      return { text, status: 'untranslated' }
    }
  }

  return {
    translate,
    async caption(request) {
      const targets = [...new Set(request.targets)]
      return Object.fromEntries(
        await Promise.all(targets.map(async (target) => [target, await captionIn(target, request)] as const)),
      )
    },
    languages: () => ({
      transcription: { engine: null, languages: [] },
      translation: { engine: translator?.name ?? null, pairs: [...pairs.values()] },
      speech: { engine: null, languages: [] },
    }),
    async close() {
      flights.abort(new Error('Translation is closed.'))
      await translator?.close()
    },
  }
}

/** The language of a tag as ISO 639-1 where it has such a code: `pt-BR` -> `pt`, `eng` -> `en`. */
export function baseLanguage(tag: string): string {
  try {
    return new Intl.Locale(tag).language
  } catch {
    return tag.toLowerCase()
  }
}
