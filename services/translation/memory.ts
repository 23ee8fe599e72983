import { LRUCache } from 'lru-cache'
import type { TranslatorAnswer } from '../../pipeline/translator.ts'
import type { SharedCache } from '../../state/shared-cache.ts'
import { createSharedTexts } from './shared-texts.ts'

/** What a translation depends on. */
export interface TranslationKey {
  text: string
  source: string
  target: string
  /** The engine with its way and version. */
  engine: string
}

export interface TranslationMemoryOptions {
  /** How many translations this process remembers. */
  entries: number
  shared?: { cache: SharedCache; secret: string } | undefined
}

/** Translations that were made before: by this process at hand, by others through the shared cache. */
export interface TranslationMemory {
  /** Of this process. */
  recall(key: TranslationKey): TranslatorAnswer | undefined
  /** Of other processes too. */
  find(key: TranslationKey): Promise<TranslatorAnswer | undefined>
  /** Known here at once; with `share` other processes come to know it too. */
  keep(key: TranslationKey, answer: TranslatorAnswer, options: { share: boolean }): void
}

const MAX_CHARACTERS = 4_000_000

const nameOf = ({ engine, source, target, text }: TranslationKey): string => [engine, source, target, text].join('\n')

export function createTranslationMemory({ entries, shared }: TranslationMemoryOptions): TranslationMemory {
  const known = new LRUCache<string, TranslatorAnswer>({
    max: entries,
    maxSize: MAX_CHARACTERS,
    sizeCalculation: (answer, name) => answer.text.length + name.length + 1,
  })
  const texts = shared && createSharedTexts(shared)

  return {
    recall: (key) => known.get(nameOf(key)),
    async find(key) {
      const name = nameOf(key)
      const answer = known.get(name) ?? (await texts?.find(key))
      if (answer) known.set(name, answer)
      return answer
    },
    keep(key, answer, { share }) {
      known.set(nameOf(key), answer)
      if (share) texts?.keep(key, answer)
    },
  }
}
