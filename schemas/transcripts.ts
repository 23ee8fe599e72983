import { type Static, Type } from '@sinclair/typebox'
import { LanguageTag, RoomCode, Strict, Timestamp, Uuid } from './common.ts'

export const TranscriptFormat = Type.Union(
  [Type.Literal('vtt'), Type.Literal('srt'), Type.Literal('txt'), Type.Literal('json')],
  { default: 'json' },
)
export type TranscriptFormat = Static<typeof TranscriptFormat>

export const TranscriptQuery = Strict({
  format: Type.Optional(TranscriptFormat),
  language: Type.Optional(LanguageTag),
})
export type TranscriptQuery = Static<typeof TranscriptQuery>

const Seconds = (description: string) => Type.Number({ minimum: 0, description })

export const TranscriptCaption = Strict({
  id: Type.String({ maxLength: 128 }),
  at: Timestamp,
  start_s: Seconds('When it was said, in seconds after the first caption'),
  end_s: Seconds('When it can be taken for read'),
  speaker: Strict({ id: Type.Union([Uuid, Type.Null()]), display_name: Type.String({ maxLength: 100 }) }),
  language: Type.String({ maxLength: 35, description: 'Of `text`' }),
  text: Type.String({ maxLength: 50_000 }),
  source_language: Type.String({ maxLength: 35 }),
  source_text: Type.String({ maxLength: 2_000 }),
  status: Type.Union([Type.Literal('original'), Type.Literal('translated'), Type.Literal('untranslated')]),
  engine: Type.Optional(Type.String({ maxLength: 64 })),
})
export type TranscriptCaption = Static<typeof TranscriptCaption>

/** What was said in a room, oldest first, while it is kept. */
export const Transcript = Strict({
  room: Strict({ room_code: RoomCode, name: Type.String({ maxLength: 120 }) }),
  language: Type.Union([LanguageTag, Type.Null()], { description: 'null: everything as it was said' }),
  captions: Type.Array(TranscriptCaption),
})
