import { LRUCache } from 'lru-cache'
import type { TranslatorAnswer } from '../../pipeline/translator.ts'
import { MAX_SHARED_BYTES, type SharedCache } from '../../state/shared-cache.ts'
import type { SourceText, TranslationKey } from './memory.ts'
import { createSealer, SEAL_BYTES, type Seal } from './sealed.ts'

const SHARED_MS = 86_400_000
/** Texts that are looked for, or were just translated; each holds as many characters as a value of the cache has bytes, at the most. */
const RECENT_TEXTS = 150
/** What was just asked for is not asked for again. */
const FRESH_MS = 1_000
/** What was translated is told together: sealing many at a time takes a part of the time. */
const TOLD_EVERY_MS = 200
const MOST_TOLD_TOGETHER = 30

/** A text with all translations that are known of it, by engine and target: one value in the cache. */
interface SharedText {
  readonly seal: Seal
  answers: Map<string, TranslatorAnswer>
  /** While the cache is being asked. */
  asking: Promise<void> | null
  /** When it last was, by the monotonic clock; null: never. */
  askedAt: number | null
}

export interface SharedTexts {
  /** Begins to ask for what is about to be looked for. */
  expect(text: SourceText): void
  find(key: TranslationKey): Promise<TranslatorAnswer | undefined>
  keep(key: TranslationKey, answer: TranslatorAnswer): void
  /** Tells what is not told yet. */
  close(): Promise<void>
}

const textName = ({ source, text }: SourceText): string => `${source}\n${text}`
const answerName = ({ engine, target }: TranslationKey): string => `${engine}\n${target}`

/**
 * Translations in the shared cache, sealed. A caption is wanted in several languages at once: its text is one value there, which is asked
 * for once, and told once for what comes at about the same time. Of two processes that tell at the same time the last one counts.
 */
export function createSharedTexts({ cache, secret }: { cache: SharedCache; secret: string }): SharedTexts {
  const sealOf = createSealer(secret)
  const recent = new LRUCache<string, SharedText>({ max: RECENT_TEXTS })
  /** What the cache is about to be told. */
  let due = new Map<string, SharedText>()

  function textOf(name: string): SharedText {
    const known = recent.get(name) ?? due.get(name)
    if (known) return known
    const made: SharedText = { seal: sealOf(name), answers: new Map(), asking: null, askedAt: null }
    recent.set(name, made)
    return made
  }

  /** Asks the cache, once for all who ask at the same time. Null: it was asked a moment ago. */
  function ask(text: SharedText): Promise<void> | null {
    if (text.asking) return text.asking
    if (text.askedAt !== null && performance.now() - text.askedAt < FRESH_MS) return null
    text.asking = read(text).finally(() => {
      text.asking = null
      text.askedAt = performance.now()
    })
    return text.asking
  }

  async function read(text: SharedText): Promise<void> {
    const sealed = await cache.get(text.seal.address)
    const opened = sealed && text.seal.unlock(sealed)
    if (!opened) return
    text.answers = new Map([...(JSON.parse(opened) as [string, TranslatorAnswer][]), ...text.answers])
    trim(text.answers)
  }

  async function tell(text: SharedText): Promise<void> {
    // Forgotten here since it was looked for: what others told of it is not to be lost.
    if (text.askedAt === null) await ask(text)
    const value = fitting(text.answers)
    if (value !== null) await cache.set(text.seal.address, text.seal.lock(value), SHARED_MS)
  }

  async function tellAll(): Promise<void> {
    const texts = [...due.values()]
    due = new Map()
    await Promise.all(texts.map(tell))
  }

  return {
    expect(text) {
      void ask(textOf(textName(text)))
    },
    async find(key) {
      const text = textOf(textName(key))
      await ask(text)
      return text.answers.get(answerName(key))
    },
    keep(key, answer) {
      if (answer.text.length > MAX_SHARED_BYTES) return
      const name = textName(key)
      const text = textOf(name)
      text.answers.set(answerName(key), answer)
      trim(text.answers)
      if (due.size === 0) setTimeout(() => void tellAll(), TOLD_EVERY_MS).unref()
      due.set(name, text)
      if (due.size === MOST_TOLD_TOGETHER) void tellAll()
    },
    close: tellAll,
  }
}

/** Forgets the oldest answers that would not fit into a value of the cache anyway. */
function trim(answers: SharedText['answers']): void {
  let characters = 0
  for (const { text } of answers.values()) characters += text.length
  for (const [name, { text }] of answers) {
    if (characters <= MAX_SHARED_BYTES) return
    answers.delete(name)
    characters -= text.length
  }
}

/** The newest answers that fit into a value of the cache, as JSON; null when none does. */
function fitting(answers: SharedText['answers']): string | null {
  const entries = [...answers]
  for (; entries.length > 0; entries.shift()) {
    const value = JSON.stringify(entries)
    if (Buffer.byteLength(value) + SEAL_BYTES <= MAX_SHARED_BYTES) return value
  }
  return null
}
