import { LRUCache } from 'lru-cache'
import type { TranslatorAnswer } from '../../pipeline/translator.ts'
import type { SharedCache } from '../../state/shared-cache.ts'
import { createSharedTexts } from './shared-texts.ts'

/** What is translated. */
export interface SourceText {
  text: string
  source: string
}

/** What a translation depends on. */
export interface TranslationKey extends SourceText {
  target: string
  /** The engine with its way and version. */
  engine: string
  /** Tells it from others. */
  name: string
}

export function translationKey(about: Omit<TranslationKey, 'name'>): TranslationKey {
  const { text, source, target, engine } = about
  return { text, source, target, engine, name: `${engine}\n${source}\n${target}\n${text}` }
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
  /** Begins to ask other processes for what is about to be looked for. */
  expect(text: SourceText): void
  /** Of other processes too. */
  find(key: TranslationKey): Promise<TranslatorAnswer | undefined>
  /** Known here at once; with `share` other processes come to know it too. */
  keep(key: TranslationKey, answer: TranslatorAnswer, options: { share: boolean }): void
  /** Tells other processes what they have not been told yet. */
  close(): Promise<void>
}

const MAX_CHARACTERS = 4_000_000

export function createTranslationMemory({ entries, shared }: TranslationMemoryOptions): TranslationMemory {
  const known = new LRUCache<string, TranslatorAnswer>({
    max: entries,
    maxSize: MAX_CHARACTERS,
    sizeCalculation: (answer, name) => answer.text.length + name.length + 1,
  })
  const texts = shared && createSharedTexts(shared)

  return {
    recall: ({ name }) => known.get(name),
    expect: (text) => texts?.expect(text),
    async find(key) {
      const answer = known.get(key.name) ?? (await texts?.find(key))
      if (answer) known.set(key.name, answer)
      return answer
    },
    keep(key, answer, { share }) {
      known.set(key.name, answer)
      if (share) texts?.keep(key, answer)
    },
    close: async () => texts?.close(),
  }
}
