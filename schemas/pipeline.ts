import { type Static, Type } from '@sinclair/typebox'
import { LanguageTag, Strict } from './common.ts'

const Engine = Type.String({ minLength: 1, maxLength: 64, examples: ['apertium', 'apertium:en-es-fr'] })
const EngineOrNone = Type.Union([Engine, Type.Null()], { description: 'null: this stage has no engine here' })

// Several lines are fine, other control characters are not; something must be there besides space.
const TEXT = '^(?=[\\s\\S]*\\S)[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]*$'

export const TranslationBody = Strict({
  text: Type.String({ minLength: 1, maxLength: 5_000, pattern: TEXT, examples: ['See you on Friday.'] }),
  source_language: LanguageTag,
  target_language: LanguageTag,
})
export type TranslationBody = Static<typeof TranslationBody>

export const TranslationAnswer = Strict({
  text: Type.String({ maxLength: 50_000 }),
  source_language: LanguageTag,
  target_language: LanguageTag,
  engine: Engine,
})
export type TranslationAnswer = Static<typeof TranslationAnswer>

const Listed = Strict({ engine: EngineOrNone, languages: Type.Array(LanguageTag, { maxItems: 500 }) })

/** What each stage can do now, and with which engine. */
export const PipelineLanguages = Strict({
  transcription: Listed,
  translation: Strict({
    engine: EngineOrNone,
    pairs: Type.Array(
      Strict({ source: LanguageTag, target: LanguageTag, engine: Engine }, { description: 'One direction' }),
      { maxItems: 40_000 },
    ),
  }),
  speech: Listed,
})
export type PipelineLanguages = Static<typeof PipelineLanguages>
