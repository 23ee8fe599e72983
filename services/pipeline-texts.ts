import { AppError } from '../errors.ts'
import { EngineError } from '../pipeline/engine-error.ts'
import { baseLanguage } from '../pipeline/languages.ts'
import type { TranslatorAnswer } from '../pipeline/translator.ts'
import { writeWav } from '../pipeline/wav.ts'
import type { Allowance } from './allowance.ts'
import type { SpeechStage } from './speech.ts'
import type { Translation, TranslationRequest } from './translation.ts'

export interface PipelineTextsDeps {
  translation: Pick<Translation, 'translate' | 'languages'>
  speech: Pick<SpeechStage, 'synthesize' | 'languages'>
  allowance: Pick<Allowance, 'take'>
}

interface Ordered {
  userId: string
  /** Work stops when it aborts. */
  signal: AbortSignal
}

export interface SpokenTextRequest extends Ordered {
  text: string
  /** BCP 47; only its language counts. */
  language: string
  /** The engine's own name of a voice. */
  voice?: string | undefined
}

/**
 * Texts that people send on their own, outside of a meeting. Both throw UNPROCESSABLE for what no engine serves, which costs nothing,
 * RATE_LIMIT_EXCEEDED when the user's allowance of the day is used up, and PROVIDER_UNAVAILABLE when the engines fail or have too much to do.
 */
export interface PipelineTexts {
  translate(request: Ordered & TranslationRequest): Promise<TranslatorAnswer>
  /** A WAV file. */
  speak(request: SpokenTextRequest): Promise<Buffer>
}

export function createPipelineTexts({ translation, speech, allowance }: PipelineTextsDeps): PipelineTexts {
  return {
    async translate({ userId, ...request }) {
      const { text } = request
      const [source, target] = [baseLanguage(request.source), baseLanguage(request.target)]
      const { pairs } = translation.languages().translation
      if (pairs.some((pair) => pair.source === source && pair.target === target))
        await allowance.take(userId, 'characters', text.length)
      // Also says what is wrong with a pair that is not served.
      return translation.translate(request)
    },

    async speak({ userId, text, language, voice, signal }) {
      if (speech.languages().languages.includes(baseLanguage(language)))
        await allowance.take(userId, 'characters', text.length)
      try {
        return writeWav(await speech.synthesize({ text, language, signal, ...(voice === undefined ? {} : { voice }) }))
      } catch (error) {
        if (voice !== undefined && isRejection(error)) throw new AppError('UNPROCESSABLE', 'No engine has this voice.')
        throw error
      }
    },
  }
}

/** The engine took the request for wrong, and is fine itself. */
function isRejection(error: unknown): boolean {
  return error instanceof AppError && error.cause instanceof EngineError && error.cause.fault === 'rejected'
}
