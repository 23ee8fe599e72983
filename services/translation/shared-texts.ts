import { LRUCache } from 'lru-cache'
import type { TranslatorAnswer } from '../../pipeline/translator.ts'
import { MAX_SHARED_BYTES, type SharedCache } from '../../state/shared-cache.ts'
import type { TranslationKey } from './memory.ts'
import { createSeal, SEAL_BYTES, type Seal } from './sealed.ts'

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
  isAsked: boolean
  /** While the cache is about to be told. */
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

  function textOf(name: string): SharedText {
    const known = recent.get(name)
    if (known) return known
    const seal = createSeal(secret, name)
    const made: SharedText = { seal, answers: {}, asking: null, isAsked: false, isDue: false }
    recent.set(name, made)
    return made
  }

  function add(name: string, text: SharedText, answers: SharedText['answers']): void {
    text.answers = answers
    // Set anew, or its size would be what it was.
    if (recent.delete(name)) recent.set(name, text)
  }

  /** Asks the cache, once for all who ask at the same time. */
  function ask(name: string, text: SharedText): Promise<void> {
    text.asking ??= read(name, text).finally(() => {
      text.asking = null
      text.isAsked = true
    })
    return text.asking
  }

  async function read(name: string, text: SharedText): Promise<void> {
    const sealed = await cache.get(text.seal.address)
    const opened = sealed && text.seal.unlock(sealed)
    if (opened) add(name, text, { ...(JSON.parse(opened) as SharedText['answers']), ...text.answers })
  }

  async function tell(name: string, text: SharedText): Promise<void> {
    // Forgotten here since it was looked for: what others told of it is not to be lost.
    if (!text.isAsked) await ask(name, text)
    text.isDue = false
    const value = fitting(text.answers)
    if (value !== null) await cache.set(text.seal.address, text.seal.lock(value), SHARED_MS)
  }

  return {
    async find(key) {
      const name = textName(key)
      const text = textOf(name)
      await ask(name, text)
      return text.answers[answerName(key)]
    },
    keep(key, answer) {
      const name = textName(key)
      const text = textOf(name)
      add(name, text, { ...text.answers, [answerName(key)]: answer })
      if (text.isDue) return
      text.isDue = true
      process.nextTick(tell, name, text)
    },
  }
}

/** The newest answers that fit into a value of the cache, as JSON; null when none does. */
function fitting(answers: SharedText['answers']): string | null {
  const entries = Object.entries(answers)
  for (; entries.length > 0; entries.shift()) {
    const value = JSON.stringify(Object.fromEntries(entries))
    if (Buffer.byteLength(value) + SEAL_BYTES <= MAX_SHARED_BYTES) return value
  }
  return null
}
