import { type Static, type TSchema, Type } from '@sinclair/typebox'
import { CaptionStatus, LanguageTag, type Shown, Strict, Timestamp, Uuid } from './common.ts'
import { withChangedExample, withExample } from './examples.ts'
import { GUEST, GUEST_WAITING, Participant, Room } from './meetings.ts'
import { PipelineLanguages } from './pipeline.ts'
import { PollResults, PollShown } from './polls.ts'

/** The client's own id of a caption, under which it may revise it. Another speaker's is refused with CONFLICT. */
const CaptionId = Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9_.:-]+$', examples: ['c-17'] })
const FrameId = Type.String({ minLength: 1, maxLength: 64, examples: ['p-3'] })
const Seq = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, examples: [42] })

const SignalKind = Type.Union(
  [Type.Literal('offer'), Type.Literal('answer'), Type.Literal('ice'), Type.Literal('bye')],
  { title: 'SignalKind' },
)
const CANDIDATE = { candidate: 'candidate:1 1 udp 2122260223 192.0.2.10 54321 typ host', sdpMid: '0' }

/** A message: `title` names its component, `description` says what it is for. */
const frame = <const T extends string, P extends Record<string, TSchema>>(
  type: T,
  properties: P,
  shown: Shown & Required<Pick<Shown, 'title' | 'description'>>,
) => Strict({ type: Type.Literal(type), ...properties }, shown)

export const Say = frame(
  'say',
  {
    text: Type.String({
      minLength: 1,
      maxLength: 2000,
      format: 'safe-message',
      description: 'Stored NFC, trimmed and on one line',
      examples: ['Nos vemos el viernes.'],
    }),
    id: Type.Optional(CaptionId),
    final: Type.Optional(Type.Boolean({ default: true })),
    revision: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000, default: 0 })),
  },
  { title: 'Say', description: "Typed text, or what the client's own speech recognition heard." },
)
export type Say = Static<typeof Say>

export const LanguageSet = frame(
  'language.set',
  {
    speaking: Type.Optional(LanguageTag),
    listening: Type.Optional(LanguageTag),
    spoken_output: Type.Optional(Type.Boolean({ description: 'true: send me speech too' })),
  },
  {
    title: 'LanguageSet',
    description: 'Changes the own languages; captions come in the new one from the next on.',
    examples: [{ type: 'language.set', listening: 'fr', spoken_output: true }],
  },
)
export type LanguageSet = Static<typeof LanguageSet>

export const Resume = frame(
  'resume',
  { after_seq: Seq },
  {
    title: 'Resume',
    description: 'Asks for the events after this number; answered CONFLICT when they are no longer kept.',
  },
)
export type Resume = Static<typeof Resume>

export const Signal = frame(
  'signal',
  {
    to: withExample(Type.String({ minLength: 1, maxLength: 64, description: 'The id of a participant' }), GUEST.id),
    kind: withExample(SignalKind, 'ice'),
    payload: Type.Optional(Type.Unknown({ description: 'Any JSON, 32 levels deep at most', examples: [CANDIDATE] })),
  },
  {
    title: 'Signal',
    description: 'WebRTC signalling: relayed as it is to every socket of one participant who is in the room.',
  },
)
export type Signal = Static<typeof Signal>

export const StateSet = Type.Object(
  {
    type: Type.Literal('state.set'),
    muted: Type.Optional(Type.Boolean()),
    hand: Type.Optional(Type.Boolean()),
    camera: Type.Optional(Type.Boolean()),
  },
  {
    additionalProperties: false,
    minProperties: 2,
    title: 'StateSet',
    description: 'What the room sees of the own microphone, camera and raised hand.',
    examples: [{ type: 'state.set', hand: true }],
  },
)
export type StateSet = Static<typeof StateSet>

export const Ping = frame(
  'ping',
  { id: Type.Optional(FrameId) },
  { title: 'Ping', description: 'Answered with `pong`.' },
)
export type Ping = Static<typeof Ping>

export const AudioStart = frame(
  'audio.start',
  {
    encoding: Type.Literal('pcm_s16le'),
    sample_rate: Type.Literal(16_000),
    language: Type.Optional(withExample(LanguageTag, 'es')),
  },
  {
    title: 'AudioStart',
    description: 'The binary frames that follow are sound of one speaker, until `audio.stop`.',
  },
)
export type AudioStart = Static<typeof AudioStart>

export const AudioStop = frame(
  'audio.stop',
  {},
  { title: 'AudioStop', description: 'The end of the sound; what was said before is still recognised.' },
)
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
const Text = (maxLength: number, ...examples: string[]) =>
  Type.String({ maxLength, ...(examples.length > 0 ? { examples } : {}) })

const OpenRoom = withChangedExample(Room, { status: 'active' })
const guest = withExample(Participant, GUEST)

const personFrame = <const T extends string>(type: T, title: string, description: string) =>
  frame(type, { ...Kept, participant: guest }, { title, description })

const lobbyFrame = <const T extends string>(type: T, title: string, description: string, about = GUEST_WAITING) =>
  frame(type, { at: Timestamp, participant: withExample(Participant, about) }, { title, description })

const RESULTS = '`results` as far as the reader may see them.'
const OpenPoll = { poll: PollShown, results: Type.Optional(PollResults) }
const ClosedPoll = {
  poll: withChangedExample(PollShown, { status: 'closed', closed_at: '2026-03-02T09:25:00.000Z' }),
  results: Type.Optional(withChangedExample(PollResults, { final: true })),
}

/** What a server sends, by `type`. Room events carry `seq`; interim captions do not. */
export const SERVER_MESSAGES = {
  welcome: frame(
    'welcome',
    {
      participant: Participant,
      participants: Type.Array(Participant, { maxItems: 1000 }),
      room: OpenRoom,
      seq: Seq,
      languages: PipelineLanguages,
      lobby: Type.Optional(
        Type.Array(withExample(Participant, GUEST_WAITING), {
          maxItems: 1000,
          description: 'Who waits; for hosts only',
        }),
      ),
      at: Timestamp,
    },
    {
      title: 'Welcome',
      description: 'The first frame, and again when one who waited is let in: what is there, up to the event `seq`.',
    },
  ),
  caption: frame(
    'caption',
    {
      ...Kept,
      id: Text(128, 'c-17'),
      revision: Type.Integer({ minimum: 0 }),
      final: Type.Boolean({ examples: [true] }),
      speaker: Participant,
      text: Text(16_384, 'See you on Friday.'),
      language: LanguageTag,
      source_text: Text(2000, 'Nos vemos el viernes.'),
      source_language: withExample(LanguageTag, 'es'),
      status: withExample(CaptionStatus, 'translated'),
      engine: Type.Optional(Text(64, 'apertium')),
    },
    {
      title: 'Caption',
      description:
        "What somebody said, in the reader's language. A higher `revision` of the same `id` replaces it until it is `final`; only final ones carry `seq`.",
    },
  ),
  speech: frame(
    'speech',
    {
      caption_id: Text(128, 'c-17'),
      language: LanguageTag,
      encoding: Type.Literal('pcm_s16le'),
      sample_rate: Type.Integer({ minimum: 8000, maximum: 48_000, examples: [22_050] }),
      bytes: Type.Integer({
        minimum: 2,
        description: 'The binary frames right behind hold so much in all. A long caption comes in several such parts.',
        examples: [88_200],
      }),
    },
    { title: 'Speech', description: 'A caption as sound, for those who asked with `spoken_output`.' },
  ),
  'participant.joined': personFrame('participant.joined', 'ParticipantJoined', 'Somebody came in.'),
  'participant.left': frame(
    'participant.left',
    { ...Kept, participant: guest, reason: Type.Optional(Text(64, 'left')) },
    {
      title: 'ParticipantLeft',
      description: 'Somebody is gone: `left`, `kicked`, or `gone` when the connection was lost.',
    },
  ),
  'participant.updated': personFrame(
    'participant.updated',
    'ParticipantUpdated',
    'Somebody changed languages, state or role.',
  ),
  'lobby.waiting': lobbyFrame('lobby.waiting', 'LobbyWaiting', 'To hosts: somebody waits to be let in.'),
  'lobby.admitted': lobbyFrame(
    'lobby.admitted',
    'LobbyAdmitted',
    'To hosts and the one it is about: let in. A `welcome` follows to the latter.',
    GUEST,
  ),
  'lobby.rejected': lobbyFrame(
    'lobby.rejected',
    'LobbyRejected',
    'To hosts and the one it is about, whose socket closes: sent away.',
  ),
  'lobby.left': lobbyFrame('lobby.left', 'LobbyLeft', 'To hosts: one who waited went away.'),
  signal: frame(
    'signal',
    {
      at: Timestamp,
      from: Uuid,
      kind: withExample(SignalKind, 'ice'),
      payload: Type.Optional(Type.Unknown({ examples: [CANDIDATE] })),
    },
    { title: 'RelayedSignal', description: 'WebRTC signalling of another participant, as it was sent.' },
  ),
  'room.updated': frame(
    'room.updated',
    { ...Kept, room: OpenRoom },
    { title: 'RoomUpdated', description: 'Settings or status of the room have changed.' },
  ),
  'room.ended': frame(
    'room.ended',
    { ...Kept },
    { title: 'RoomEnded', description: 'The room has ended; the socket closes with 4410.' },
  ),
  'poll.opened': frame(
    'poll.opened',
    { ...Kept, ...OpenPoll },
    { title: 'PollOpened', description: `Votes are taken from now on. ${RESULTS}` },
  ),
  'poll.updated': frame(
    'poll.updated',
    { at: Timestamp, ...OpenPoll },
    {
      title: 'PollUpdated',
      description: `More votes are counted; to hosts alone unless the results are \`live\`. ${RESULTS}`,
    },
  ),
  'poll.closed': frame(
    'poll.closed',
    { ...Kept, ...ClosedPoll },
    { title: 'PollClosed', description: `No more votes; every accepted one is counted. ${RESULTS}` },
  ),
  'poll.deleted': frame(
    'poll.deleted',
    { ...Kept, poll_id: Uuid },
    { title: 'PollDeleted', description: 'A poll is no more, nor are its votes.' },
  ),
  error: frame(
    'error',
    {
      code: Text(64, 'VALIDATION_ERROR'),
      message: Text(500, 'text: Expected string'),
      ref: Type.Optional(Text(64, 'say')),
    },
    {
      title: 'ErrorFrame',
      description:
        'A frame was refused, and the connection stays. `ref` is the `id` of that frame, or its `type` when it had none.',
    },
  ),
  pong: frame(
    'pong',
    { id: Type.Optional(FrameId), at: Timestamp },
    { title: 'Pong', description: 'The answer to `ping`.' },
  ),
} as const satisfies Record<string, TSchema>

export type ServerMessage = { [K in keyof typeof SERVER_MESSAGES]: Static<(typeof SERVER_MESSAGES)[K]> }
export type ErrorFrame = ServerMessage['error']
export type CaptionFrame = ServerMessage['caption']
