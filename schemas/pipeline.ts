import { type Static, Type } from '@sinclair/typebox'
import { LanguageTag, Strict } from './common.ts'
import { withExample } from './examples.ts'

const Engine = Type.String({ minLength: 1, maxLength: 64, examples: ['apertium', 'apertium:en-es-fr'] })
const EngineOrNone = (example: string) =>
  Type.Union([Engine, Type.Null()], {
    examples: [example],
    description: 'null: this stage has no engine here',
  })

// Several lines are fine, other control characters are not; something must be there besides space.
const TEXT = '^(?=[\\s\\S]*\\S)[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]*$'

export const TranslationBody = Strict(
  {
    text: Type.String({ minLength: 1, maxLength: 5_000, pattern: TEXT, examples: ['See you on Friday.'] }),
    source_language: LanguageTag,
    target_language: withExample(LanguageTag, 'es'),
  },
  { title: 'TranslationRequest' },
)
export type TranslationBody = Static<typeof TranslationBody>

export const TranslationAnswer = Strict(
  {
    text: Type.String({ maxLength: 50_000, examples: ['Nos vemos el viernes.'] }),
    source_language: LanguageTag,
    target_language: withExample(LanguageTag, 'es'),
    engine: Engine,
  },
  { title: 'Translation' },
)
export type TranslationAnswer = Static<typeof TranslationAnswer>

/** Binary data in a description. */
const BINARY = { contentMediaType: 'application/octet-stream' }

/** A form, `multipart/form-data`, with a file of at most that many bytes. */
export const TranscriptionForm = (maxBytes: number) =>
  Strict(
    {
      file: Type.String({
        ...BINARY,
        maxLength: maxBytes,
        description:
          'The recording: wav, webm, ogg, mp3, m4a or flac, told by its content; at most a quarter of an hour',
        examples: ['(the bytes of meeting.webm)'],
      }),
      language: Type.Optional(LanguageTag),
    },
    { title: 'TranscriptionForm' },
  )

const Seconds = (example: number) =>
  Type.Number({ minimum: 0, description: 'In seconds from the beginning', examples: [example] })
const Words = { maxLength: 200_000, examples: ['See you on Friday.'] }

export const TranscriptionAnswer = Strict(
  {
    text: Type.String({ ...Words, description: 'Empty when nobody speaks' }),
    language: LanguageTag,
    duration_s: Type.Number({ minimum: 0, description: 'Of the recording, in seconds', examples: [2.4] }),
    segments: Type.Array(Strict({ start_s: Seconds(0.3), end_s: Seconds(1.9), text: Type.String(Words) }), {
      maxItems: 10_000,
    }),
  },
  { title: 'Transcription' },
)
export type TranscriptionAnswer = Static<typeof TranscriptionAnswer>

export const SpeechBody = Strict(
  {
    text: Type.String({ minLength: 1, maxLength: 4_096, pattern: TEXT, examples: ['See you on Friday.'] }),
    language: LanguageTag,
    voice: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        pattern: '^[A-Za-z0-9][A-Za-z0-9 ._+/()-]{0,63}$',
        description: 'A voice of the engine, by its name there; absent: its usual one',
      }),
    ),
  },
  { title: 'SpeechRequest', examples: [{ text: 'See you on Friday.', language: 'en' }] },
)
export type SpeechBody = Static<typeof SpeechBody>

/** A WAV file: 16-bit PCM, mono, at the rate that its header says. */
export const WavFile = Type.String({ contentMediaType: 'audio/wav', examples: ['(the bytes of a WAV file)'] })

const Listed = (engine: string, languages: string[]) =>
  Strict({
    engine: EngineOrNone(engine),
    languages: Type.Array(LanguageTag, { maxItems: 500, examples: [languages] }),
  })

/** What each stage can do now, and with which engine. */
export const PipelineLanguages = Strict(
  {
    transcription: Listed('embedded', ['en', 'es']),
    translation: Strict({
      engine: EngineOrNone('apertium'),
      pairs: Type.Array(
        Strict(
          { source: LanguageTag, target: withExample(LanguageTag, 'es'), engine: Engine },
          { description: 'One direction' },
        ),
        { maxItems: 40_000 },
      ),
    }),
    speech: Listed('espeak-ng', ['en', 'es', 'fr']),
  },
  { title: 'PipelineLanguages', description: 'What each stage can do now, and with which engine' },
)
export type PipelineLanguages = Static<typeof PipelineLanguages>
