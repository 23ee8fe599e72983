import { type Static, Type } from '@sinclair/typebox'
import { LanguageTag, RoomCode, SafeText, Strict, Timestamp, Uuid } from './common.ts'
import { withExample } from './examples.ts'

export const MAX_OPTIONS = 10
/** How many polls a room may have, drafts too. */
export const MAX_POLLS = 50
/** Voters are named in frames up to so many; beyond it they are asked for over HTTP. */
export const MAX_NAMED_IN_FRAMES = 100

const OptionId = Type.String({ minLength: 1, maxLength: 16, pattern: '^[A-Za-z0-9_-]+$', examples: ['1'] })
const Count = Type.Integer({ minimum: 0, examples: [1] })

export const PollResultsSetting = Type.Union([Type.Literal('live'), Type.Literal('on_close'), Type.Literal('hosts')], {
  title: 'PollResultsSetting',
  description:
    'Who sees the result besides hosts, who always do: everybody at once, everybody when it is closed, nobody',
})
export type PollResultsSetting = Static<typeof PollResultsSetting>

export const NewPoll = Strict(
  {
    question: SafeText(300),
    options: Type.Array(SafeText(120), {
      minItems: 2,
      maxItems: MAX_OPTIONS,
      description: 'Different from each other',
    }),
    language: Type.Optional(LanguageTag),
    multiple: Type.Optional(Type.Boolean({ default: false, description: 'Whether a vote may be for several options' })),
    anonymous: Type.Optional(
      Type.Boolean({ default: false, description: 'Nobody learns who chose what, also nobody who runs the server' }),
    ),
    changeable: Type.Optional(
      Type.Boolean({
        description:
          'Whether a second vote replaces the first; else it is refused with CONFLICT. Never where it is anonymous; true elsewhere unless it is said',
      }),
    ),
    results: Type.Optional(PollResultsSetting),
  },
  {
    title: 'NewPoll',
    examples: [{ question: '¿Cuándo seguimos?', options: ['El viernes', 'El lunes'], language: 'es', results: 'live' }],
  },
)
export type NewPoll = Static<typeof NewPoll>

export const PollStatus = Type.Union(
  [Type.Literal('draft'), Type.Literal('open'), Type.Literal('closing'), Type.Literal('closed')],
  {
    title: 'PollStatus',
    description: '`draft`: hosts alone see it. `closing`: no more votes, and the accepted ones are still being counted',
  },
)
export type PollStatus = Static<typeof PollStatus>

export const PollTranslation = Type.Union(
  [Type.Literal('original'), Type.Literal('translated'), Type.Literal('untranslated')],
  { title: 'PollTranslation' },
)
export type PollTranslation = Static<typeof PollTranslation>

const poll = {
  id: Uuid,
  room_code: RoomCode,
  question: Type.String({
    maxLength: 8_192,
    description: 'In the language of the reader, unless `untranslated`',
    examples: ['When do we go on?'],
  }),
  options: Type.Array(
    Strict({
      id: OptionId,
      text: Type.String({ maxLength: 8_192, description: 'In the language of the reader, as the question' }),
      source_text: Type.String({ maxLength: 120 }),
    }),
    {
      minItems: 2,
      maxItems: MAX_OPTIONS,
      examples: [
        [
          { id: '1', text: 'On Friday', source_text: 'El viernes' },
          { id: '2', text: 'On Monday', source_text: 'El lunes' },
        ],
      ],
    },
  ),
  language: Type.String({ maxLength: 35, description: 'Of `question` and of each `text`', examples: ['en'] }),
  source_language: Type.String({ maxLength: 35, description: 'In which it was asked', examples: ['es'] }),
  source_question: Type.String({ maxLength: 300, examples: ['¿Cuándo seguimos?'] }),
  translation: withExample(PollTranslation, 'translated'),
  status: withExample(PollStatus, 'open'),
  multiple: Type.Boolean(),
  anonymous: Type.Boolean(),
  changeable: Type.Boolean({ examples: [true] }),
  results: PollResultsSetting,
  created_at: Timestamp,
  opened_at: Type.Union([Timestamp, Type.Null()], { examples: ['2026-03-02T09:20:00.000Z'] }),
  closed_at: Type.Union([Timestamp, Type.Null()], { examples: [null] }),
}

/** A poll as one reader sees it in the frames of the socket. */
export const PollShown = Strict(poll, {
  title: 'PollShown',
  description: 'A poll as one reader sees it in the frames of the socket',
})
export type PollShown = Static<typeof PollShown>

/** The same over HTTP, with what is the reader's own. */
export const Poll = Strict(
  {
    ...poll,
    voted: Type.Boolean({ description: 'Whether a vote of the reader is counted', examples: [true] }),
    your_vote: Type.Optional(
      Type.Array(OptionId, { maxItems: MAX_OPTIONS, description: 'What is counted of the reader; never if anonymous' }),
    ),
    results_visible: Type.Boolean({ description: 'Whether the reader may see the result now', examples: [true] }),
  },
  { title: 'Poll', description: 'A poll as one reader sees it' },
)
export type Poll = Static<typeof Poll>

export const PollVoter = Strict(
  { participant_id: Uuid, display_name: Type.String({ maxLength: 100, examples: ['Ana Lima'] }) },
  { title: 'PollVoter' },
)
export type PollVoter = Static<typeof PollVoter>

const oneVote = (id: string, votes: number) => ({
  id,
  votes,
  voters: votes === 0 ? [] : [{ participant_id: '3f0c8e1a-5b7d-4c29-9e46-8a1d2b60f7c3', display_name: 'Ana Lima' }],
})

/** What is counted. */
export const PollResults = Strict(
  {
    poll_id: Uuid,
    final: Type.Boolean({ description: 'Whether the poll is closed and every vote counted' }),
    voter_count: Count,
    options: Type.Array(
      Strict({
        id: OptionId,
        votes: Count,
        voters: Type.Optional(
          Type.Array(PollVoter, {
            maxItems: 100_000,
            description: 'Missing where the poll is anonymous, and in frames where they are too many',
          }),
        ),
      }),
      { maxItems: MAX_OPTIONS, examples: [[oneVote('1', 1), oneVote('2', 0)]] },
    ),
  },
  { title: 'PollResults' },
)
export type PollResults = Static<typeof PollResults>

/** Newest first. */
export const PollList = Strict({ polls: Type.Array(Poll, { maxItems: MAX_POLLS }) }, { title: 'PollList' })
export type PollList = Static<typeof PollList>

export const PollParams = Strict({ poll_id: Uuid })

export const VoteRequest = Strict(
  { option_ids: Type.Array(OptionId, { minItems: 1, maxItems: MAX_OPTIONS, uniqueItems: true }) },
  { title: 'Vote' },
)
export type VoteRequest = Static<typeof VoteRequest>

/** The vote will be counted. */
export const VoteAccepted = Strict({ status: Type.Literal('accepted') }, { title: 'VoteAccepted' })

export const PollResultsQuery = Strict({
  format: Type.Optional(Type.Union([Type.Literal('json'), Type.Literal('csv')], { default: 'json' })),
})
export const PollResultsAnswer = Strict({ poll: Poll, results: PollResults }, { title: 'PollWithResults' })
export type PollResultsAnswer = Static<typeof PollResultsAnswer>

/** The same as CSV. */
export const PollResultsCsv = Type.String({
  examples: [
    '"question","option_id","option","votes","voter_id","voter"\r\n"¿Cuándo seguimos?","1","El viernes","1","3f0c8e1a-5b7d-4c29-9e46-8a1d2b60f7c3","Ana Lima"\r\n"¿Cuándo seguimos?","2","El lunes","0","",""\r\n',
  ],
})
