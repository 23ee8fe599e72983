import { LRUCache } from 'lru-cache'
import type { TranslatorAnswer } from '../../pipeline/translator.ts'
import type { SharedCache } from '../../state/shared-cache.ts'
import type { TranslationKey } from './memory.ts'
import { createSeal, type Seal } from './sealed.ts'

const SHARED_MS = 86_400_000
/** Texts that are looked for, or were just translated. */
const RECENT_TEXTS = 200
const MAX_CHARACTERS = 1_000_000

/** A text with all translations that are known of it, by engine and target: one value in the cache. */
interface SharedText {
  readonly seal: Seal
  answers: Record<string, TranslatorAnswer>
  /** While the cache is being asked. */
  asking: Promise<void> | null
  /** While it is about to be told. */
  isDue: boolean
}

export interface SharedTexts {
  find(key: TranslationKey): Promise<TranslatorAnswer | undefined>
  keep(key: TranslationKey, answer: TranslatorAnswer): void
}

const textName = ({ source, text }: TranslationKey): string => `${source}\n${text}`
const answerName = ({ engine, target }: TranslationKey): string => `${engine}\n${target}`

/**
 * Translations in the shared cache, sealed. A caption is wanted in several languages at once: its text is one value there, which is asked
 * for once, and told once for what comes at the same time. Of two processes that tell at the same time the last one counts.
 */
export function createSharedTexts({ cache, secret }: { cache: SharedCache; secret: string }): SharedTexts {
  const recent = new LRUCache<string, SharedText>({
    max: RECENT_TEXTS,
    maxSize: MAX_CHARACTERS,
    sizeCalculation: ({ answers }, name) =>
      Object.values(answers).reduce((sum, { text }) => sum + text.length, name.length + 1),
  })

  function textOf(key: TranslationKey): SharedText {
    const name = textName(key)
    const known = recent.get(name)
    if (known) return known
    const made: SharedText = { seal: createSeal(secret, name), answers: {}, asking: null, isDue: false }
    recent.set(name, made)
    return made
  }

  async function ask(text: SharedText): Promise<void> {
    const sealed = await cache.get(text.seal.address)
    const opened = sealed && text.seal.unlock(sealed)
    if (opened) text.answers = { ...(JSON.parse(opened) as SharedText['answers']), ...text.answers }
    text.asking = null
  }

  function tell(text: SharedText): void {
    text.isDue = false
    void cache.set(text.seal.address, text.seal.lock(JSON.stringify(text.answers)), SHARED_MS)
  }

  return {
    async find(key) {
      const text = textOf(key)
      text.asking ??= ask(text)
      await text.asking
      return text.answers[answerName(key)]
    },
    keep(key, answer) {
      const text = textOf(key)
      text.answers[answerName(key)] = answer
      // Its size has changed.
      recent.set(textName(key), text)
      if (text.isDue) return
      text.isDue = true
      process.nextTick(tell, text)
    },
  }
}
