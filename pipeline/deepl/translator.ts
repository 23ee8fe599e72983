import { EngineError } from '../engine-error.ts'
import { createProvider } from '../http.ts'
import { at, textOf } from '../json.ts'
import { createListing, type ListingOptions } from '../listing.ts'
import { anyPairOf, type TranslationPair, type Translator } from '../translator.ts'
import { readCodes } from './languages.ts'

export interface DeepLOptions extends Partial<Pick<ListingOptions<unknown>, 'refreshMs' | 'retryMs'>> {
  /** Shown to people as the engine; `deepl` when absent. */
  name?: string
  /** Null: DeepL's own, which the key tells. */
  url: string | null
  key: string
  log: { warn(details: object, message: string): void }
}

const MAX_ANSWER_BYTES = 1024 * 1024
const NONE: readonly TranslationPair[] = []

/** Keys of the free plan end so, and are good at another host. */
export function hostOf(key: string): string {
  return key.endsWith(':fx') ? 'https://api-free.deepl.com' : 'https://api.deepl.com'
}

/** Translation by DeepL, `POST /v2/translate`. What it serves it says itself. */
export function createDeepL(options: DeepLOptions): Translator {
  const { name = 'deepl', key, url, ...listing } = options
  const baseUrl = url ?? hostOf(key)
  const provider = createProvider({ engine: name, baseUrl, headers: { authorization: `DeepL-Auth-Key ${key}` } })

  async function codesOf(type: 'source' | 'target', signal: AbortSignal): Promise<Map<string, string>> {
    const path = `/v2/languages?type=${type}`
    const codes = readCodes(await provider.json({ method: 'GET', path, maxBytes: MAX_ANSWER_BYTES, signal }))
    if (codes.size === 0) throw new EngineError(name, 'garbage', 'a list without languages')
    return codes
  }

  const languages = createListing({
    ...listing,
    engine: name,
    load: async (signal) => {
      const [sources, targets] = await Promise.all([codesOf('source', signal), codesOf('target', signal)])
      return { sources, targets, pairs: anyPairOf([...sources.keys()], [...targets.keys()], name) }
    },
  })

  return {
    name,
    version: baseUrl,
    pairs: () => languages.current()?.pairs ?? NONE,
    ready: () => languages.current() !== null,
    async translate({ text, source, target, signal }) {
      const known = languages.current()
      // A source is told without its region.
      const from = known?.sources.get(source)?.split('-')[0]
      const to = known?.targets.get(target)
      if (!from || !to) throw new EngineError(name, 'rejected', `no way from ${source} to ${target}`)
      const answer = await provider.json({
        method: 'POST',
        path: '/v2/translate',
        json: { text: [text], source_lang: from, target_lang: to },
        maxBytes: MAX_ANSWER_BYTES,
        ...(signal ? { signal } : {}),
      })
      const translated = textOf(at(answer, 'translations', 0, 'text'))
      if (translated === undefined) throw new EngineError(name, 'garbage', 'an answer without a translation')
      return { text: translated, engine: name }
    },
    close: async () => languages.close(),
  }
}
