import { LRUCache } from 'lru-cache'
import type { TranslatorAnswer } from '../../pipeline/translator.ts'
import type { SharedCache } from '../../state/shared-cache.ts'
import { createSeal, type Seal } from './sealed.ts'

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
const SHARED_MS = 86_400_000
const RECENT_SEALS = 200

const nameOf = ({ engine, source, target, text }: TranslationKey): string => [engine, source, target, text].join('\n')

export function createTranslationMemory({ entries, shared }: TranslationMemoryOptions): TranslationMemory {
  const known = new LRUCache<string, TranslatorAnswer>({
    max: entries,
    maxSize: MAX_CHARACTERS,
    sizeCalculation: (answer, name) => answer.text.length + name.length + 1,
  })

  // What was looked for in vain is soon kept.
  const seals = new LRUCache<string, Seal>({ max: RECENT_SEALS })
  function sealOf(secret: string, name: string): Seal {
    const made = seals.get(name) ?? createSeal(secret, name)
    seals.set(name, made)
    return made
  }

  return {
    recall: (key) => known.get(nameOf(key)),
    async find(key) {
      const name = nameOf(key)
      const here = known.get(name)
      if (here || !shared) return here
      const seal = sealOf(shared.secret, name)
      const sealed = await shared.cache.get(seal.address)
      const opened = sealed && seal.unlock(sealed)
      if (!opened) return undefined
      const answer = JSON.parse(opened) as TranslatorAnswer
      known.set(name, answer)
      return answer
    },
    keep(key, answer, { share }) {
      const name = nameOf(key)
      known.set(name, answer)
      if (!shared || !share) return
      const seal = sealOf(shared.secret, name)
      void shared.cache.set(seal.address, seal.lock(JSON.stringify(answer)), SHARED_MS)
    },
  }
}
