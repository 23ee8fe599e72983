import { type Static, type TSchema, Type } from '@sinclair/typebox'
import { LanguageTag, Strict, Timestamp, Uuid } from './common.ts'
import { Participant, Room } from './meetings.ts'
import { PollResults, PollShown } from './polls.ts'

/** The client's own id of a caption, under which it may revise it. Another speaker's is refused with CONFLICT. */
const CaptionId = Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9_.:-]+$' })
const FrameId = Type.String({ minLength: 1, maxLength: 64 })
const Seq = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

const SignalKind = Type.Union([Type.Literal('offer'), Type.Literal('answer'), Type.Literal('ice'), Type.Literal('bye')])

export const Say = Strict({
  type: Type.Literal('say'),
  text: Type.String({
    minLength: 1,
    maxLength: 2000,
    format: 'safe-message',
    description: 'Stored NFC, trimmed and on one line',
  }),
  id: Type.Optional(CaptionId),
  final: Type.Optional(Type.Boolean({ default: true })),
  revision: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000, default: 0 })),
})
export type Say = Static<typeof Say>

export const LanguageSet = Strict({
  type: Type.Literal('language.set'),
  speaking: Type.Optional(LanguageTag),
  listening: Type.Optional(LanguageTag),
  spoken_output: Type.Optional(Type.Boolean()),
})
export type LanguageSet = Static<typeof LanguageSet>

export const Resume = Strict({ type: Type.Literal('resume'), after_seq: Seq })
export type Resume = Static<typeof Resume>

/** Relayed as it is to every socket of one participant who is in the room. `to` is its id. */
export const Signal = Strict({
  type: Type.Literal('signal'),
  to: Type.String({ minLength: 1, maxLength: 64 }),
  kind: SignalKind,
  payload: Type.Optional(Type.Unknown({ description: 'Any JSON, 32 levels deep at most' })),
})
export type Signal = Static<typeof Signal>

export const StateSet = Type.Object(
  {
    type: Type.Literal('state.set'),
    muted: Type.Optional(Type.Boolean()),
    hand: Type.Optional(Type.Boolean()),
    camera: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false, minProperties: 2 },
)
export type StateSet = Static<typeof StateSet>

export const Ping = Strict({ type: Type.Literal('ping'), id: Type.Optional(FrameId) })
export type Ping = Static<typeof Ping>

/** Binary frames follow: samples of one speaker, two bytes each. */
export const AudioStart = Strict({
  type: Type.Literal('audio.start'),
  encoding: Type.Literal('pcm_s16le'),
  sample_rate: Type.Literal(16_000),
  language: Type.Optional(LanguageTag),
})
export type AudioStart = Static<typeof AudioStart>

export const AudioStop = Strict({ type: Type.Literal('audio.stop') })
export type AudioStop = Static<typeof AudioStop>

/** What a client may send and this server acts on, by `type`. */
export const CLIENT_MESSAGES = {
  say: Say,
  'audio.start': AudioStart,
  'audio.stop': AudioStop,
  'language.set': LanguageSet,
  'state.set': StateSet,
  signal: Signal,
  resume: Resume,
  ping: Ping,
} as const
export type ClientMessage = Say | AudioStart | AudioStop | LanguageSet | StateSet | Signal | Resume | Ping

const Kept = { seq: Type.Optional(Seq), at: Timestamp }
const Text = (maxLength: number) => Type.String({ maxLength })

export const CaptionStatus = Type.Union([
  Type.Literal('original'),
  Type.Literal('translated'),
  Type.Literal('untranslated'),
])

/** To hosts; `lobby.admitted` and `lobby.rejected` also to the one it is about. */
const lobbyFrame = <const T extends string>(type: T) =>
  Strict({ type: Type.Literal(type), at: Timestamp, participant: Participant })

/** `results` as far as the reader may see them. `poll.updated` comes without `seq`; to hosts alone unless the results are `live`. */
const pollFrame = <const T extends string>(type: T) =>
  Strict({ type: Type.Literal(type), ...Kept, poll: PollShown, results: Type.Optional(PollResults) })

/** What a server sends, by `type`. Room events carry `seq`; interim captions do not. */
export const SERVER_MESSAGES = {
  welcome: Strict({
    type: Type.Literal('welcome'),
    participant: Participant,
    participants: Type.Array(Participant, { maxItems: 1000 }),
    room: Room,
    seq: Seq,
    languages: Type.Unknown({ description: 'What can be translated, as `GET /pipeline/languages` answers it' }),
    lobby: Type.Optional(Type.Array(Participant, { maxItems: 1000, description: 'Who waits; for hosts only' })),
    at: Timestamp,
  }),
  caption: Strict({
    type: Type.Literal('caption'),
    ...Kept,
    id: Text(128),
    revision: Type.Integer({ minimum: 0 }),
    final: Type.Boolean(),
    speaker: Participant,
    text: Text(16_384),
    language: LanguageTag,
    source_text: Text(2000),
    source_language: LanguageTag,
    status: CaptionStatus,
    engine: Type.Optional(Text(64)),
  }),
  speech: Strict({
    type: Type.Literal('speech'),
    caption_id: Text(128),
    language: LanguageTag,
    encoding: Type.Literal('pcm_s16le'),
    sample_rate: Type.Integer({ minimum: 8000, maximum: 48_000 }),
    bytes: Type.Integer({
      minimum: 2,
      description: 'The binary frames right behind hold so much in all. A long caption comes in several such parts.',
    }),
  }),
  'participant.joined': Strict({ type: Type.Literal('participant.joined'), ...Kept, participant: Participant }),
  'participant.left': Strict({
    type: Type.Literal('participant.left'),
    ...Kept,
    participant: Participant,
    reason: Type.Optional(Text(64)),
  }),
  'participant.updated': Strict({ type: Type.Literal('participant.updated'), ...Kept, participant: Participant }),
  'lobby.waiting': lobbyFrame('lobby.waiting'),
  'lobby.admitted': lobbyFrame('lobby.admitted'),
  'lobby.rejected': lobbyFrame('lobby.rejected'),
  'lobby.left': lobbyFrame('lobby.left'),
  signal: Strict({
    type: Type.Literal('signal'),
    at: Timestamp,
    from: Uuid,
    kind: SignalKind,
    payload: Type.Optional(Type.Unknown()),
  }),
  'room.updated': Strict({ type: Type.Literal('room.updated'), ...Kept, room: Room }),
  'room.ended': Strict({ type: Type.Literal('room.ended'), ...Kept }),
  'poll.opened': pollFrame('poll.opened'),
  'poll.updated': pollFrame('poll.updated'),
  'poll.closed': pollFrame('poll.closed'),
  'poll.deleted': Strict({ type: Type.Literal('poll.deleted'), ...Kept, poll_id: Uuid }),
  error: Strict({
    type: Type.Literal('error'),
    code: Text(64),
    message: Text(500),
    ref: Type.Optional(Text(64)),
  }),
  pong: Strict({ type: Type.Literal('pong'), id: Type.Optional(FrameId), at: Timestamp }),
} as const satisfies Record<string, TSchema>

export type ServerMessage = { [K in keyof typeof SERVER_MESSAGES]: Static<(typeof SERVER_MESSAGES)[K]> }
export type ErrorFrame = ServerMessage['error']
export type CaptionFrame = ServerMessage['caption']
