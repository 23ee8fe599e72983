import { type Static, Type } from '@sinclair/typebox'
import { CaptionStatus, LanguageTag, RoomCode, Strict, Timestamp, Uuid } from './common.ts'
import { withExample } from './examples.ts'

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

const Seconds = (description: string, example: number) => Type.Number({ minimum: 0, description, examples: [example] })
const Language = (description: string, example: string) =>
  Type.String({ maxLength: 35, description, examples: [example] })

export const TranscriptCaption = Strict(
  {
    id: Type.String({ maxLength: 128, examples: ['c-17'] }),
    at: Timestamp,
    start_s: Seconds('When it was said, in seconds after the first caption', 61.5),
    end_s: Seconds('When it can be taken for read', 63.5),
    speaker: Strict({
      id: Type.Union([Uuid, Type.Null()]),
      display_name: Type.String({ maxLength: 100, examples: ['Ana Lima'] }),
    }),
    language: Language('Of `text`', 'en'),
    text: Type.String({ maxLength: 50_000, examples: ['See you on Friday.'] }),
    source_language: Language('As it was said', 'es'),
    source_text: Type.String({ maxLength: 2_000, examples: ['Nos vemos el viernes.'] }),
    status: withExample(CaptionStatus, 'translated'),
    engine: Type.Optional(Type.String({ maxLength: 64, examples: ['apertium'] })),
  },
  { title: 'TranscriptCaption' },
)
export type TranscriptCaption = Static<typeof TranscriptCaption>

/** What was said in a room, oldest first, while it is kept. */
export const Transcript = Strict(
  {
    room: Strict({ room_code: RoomCode, name: Type.String({ maxLength: 120, examples: ['Weekly planning'] }) }),
    language: Type.Union([LanguageTag, Type.Null()], { description: 'null: everything as it was said' }),
    captions: Type.Array(TranscriptCaption),
  },
  { title: 'Transcript' },
)

const Text = (example: string) => Type.String({ examples: [example] })

/** The same as text. */
export const TranscriptFiles = {
  vtt: Text('WEBVTT\n\n1\n00:01:01.500 --> 00:01:03.500\n<v Ana Lima>See you on Friday.\n\n'),
  srt: Text('1\r\n00:01:01,500 --> 00:01:03,500\r\nAna Lima: See you on Friday.\r\n\r\n'),
  txt: Text('[00:01:01] Ana Lima: See you on Friday.\n'),
}
