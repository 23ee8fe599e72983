import { EngineError } from '../engine-error.ts'
import { createProvider } from '../http.ts'
import { field, list, textOf } from '../json.ts'
import { languageNamed } from '../languages.ts'
import { createListing, type ListingOptions } from '../listing.ts'
import type { TranslationPair, Translator } from '../translator.ts'

export interface LibreTranslateOptions extends Partial<Pick<ListingOptions<unknown>, 'refreshMs' | 'retryMs'>> {
  /** Shown to people as the engine; `libretranslate` when absent. */
  name?: string
  url: string
  /** Sent in the body: the protocol knows no header for it. Null: the server asks for none. */
  key: string | null
  log: { warn(details: object, message: string): void }
}

/** A direction with the provider's own codes, which tell more apart than we do. */
interface Direction extends TranslationPair {
  codes: readonly [source: string, target: string]
}

const MAX_ANSWER_BYTES = 1024 * 1024

/** Translation by a LibreTranslate server, which says itself what it serves. */
export function createLibreTranslate(options: LibreTranslateOptions): Translator {
  const { name = 'libretranslate', url, key, ...listing } = options
  const provider = createProvider({ engine: name, baseUrl: url })
  const directions = createListing({
    ...listing,
    engine: name,
    load: async (signal) => {
      const answer = await provider.json({ method: 'GET', path: '/languages', maxBytes: MAX_ANSWER_BYTES, signal })
      const found = readDirections(answer, name)
      if (found.size === 0) throw new EngineError(name, 'garbage', 'a list without languages')
      return { byPair: found, pairs: [...found.values()].map(({ codes: _, ...pair }) => pair) }
    },
  })

  return {
    name,
    version: url,
    pairs: () => directions.current()?.pairs ?? NONE,
    ready: () => directions.current() !== null,
    async translate({ text, source, target, signal }) {
      const codes = directions.current()?.byPair.get(`${source}-${target}`)?.codes
      if (!codes) throw new EngineError(name, 'rejected', `no way from ${source} to ${target}`)
      const answer = await provider.json({
        method: 'POST',
        path: '/translate',
        json: {
          q: text,
          source: codes[0],
          target: codes[1],
          format: 'text',
          ...(key === null ? {} : { api_key: key }),
        },
        maxBytes: MAX_ANSWER_BYTES,
        ...(signal ? { signal } : {}),
      })
      const translated = textOf(field(answer, 'translatedText'))
      if (translated === undefined) throw new EngineError(name, 'garbage', 'an answer without a translation')
      return { text: translated, engine: name }
    },
    close: async () => directions.close(),
  }
}

const NONE: readonly TranslationPair[] = []
const MAX_LANGUAGES = 300

/** `[{code, targets: [code]}]`; servers of before list no targets, and translate each into each. Of two kinds of a language the plain one is taken. */
function readDirections(answer: unknown, engine: string): Map<string, Direction> {
  const entries = list(answer).slice(0, MAX_LANGUAGES)
  const all = entries.map((entry) => field(entry, 'code'))
  const directions = new Map<string, Direction>()
  for (const entry of entries) {
    const given = field(entry, 'targets')
    for (const to of Array.isArray(given) ? given.slice(0, MAX_LANGUAGES) : all) {
      const from = field(entry, 'code')
      const [source, target] = [languageNamed(from), languageNamed(to)]
      if (!source || !target || source === target) continue
      const known = directions.get(`${source}-${target}`)
      const isPlain = (from === source ? 1 : 0) + (to === target ? 1 : 0)
      const wasPlain = known ? (known.codes[0] === source ? 1 : 0) + (known.codes[1] === target ? 1 : 0) : -1
      if (isPlain > wasPlain)
        directions.set(`${source}-${target}`, { source, target, engine, codes: [String(from), String(to)] })
    }
  }
  return directions
}
