import { LRUCache } from 'lru-cache'
import { createFlights } from '../pipeline/flights.ts'
import { baseLanguage } from '../pipeline/languages.ts'
import type { Speech } from '../pipeline/synthesizer.ts'
import type { SpeechStage } from './speech.ts'

export interface SpokenRequest {
  text: string
  /** BCP 47; only its language counts. */
  language: string
  /** The id of the room it is for: rooms take turns. */
  room: string
  /** Who waits no more leaves; the work ends with the last one. */
  signal: AbortSignal
}

/** Captions as sound. */
export interface SpeechOut {
  /** Whether the language can be spoken now. */
  serves(language: string): boolean
  /** Synthesised once for all who want it now or soon after; null when it cannot be had. Never throws. */
  speak(request: SpokenRequest): Promise<Speech | null>
}

/** What is kept for those who want the same soon after. */
const CACHE_BYTES = 16 * 1024 * 1024
const CACHE_MS = 60_000

export function createSpeechOut({ speech }: { speech: Pick<SpeechStage, 'synthesize' | 'languages'> }): SpeechOut {
  const kept = new LRUCache<string, Speech>({
    ...{ maxSize: CACHE_BYTES, ttl: CACHE_MS },
    sizeCalculation: ({ pcm }) => Math.max(1, pcm.length),
  })
  const flights = createFlights<Speech>()

  return {
    serves: (language) => speech.languages().languages.includes(baseLanguage(language)),
    async speak({ text, language: tag, room, signal }) {
      const language = baseLanguage(tag)
      const key = `${language}\n${text}`
      const known = kept.get(key)
      if (known) return known
      const synthesize = async (flight = signal): Promise<Speech> => {
        const made = await speech.synthesize({ text, language, room, signal: flight })
        kept.set(key, made)
        return made
      }
      // The stage has logged what went wrong: a caption is read all the same.
      return flights.join(key, synthesize, signal).catch(() => null)
    },
  }
}
