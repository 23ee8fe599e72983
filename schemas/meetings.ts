import { type Static, Type } from '@sinclair/typebox'
import { Email, LanguageTag, Page, RoomCode, SAMPLE_TOKEN, SafeText, Strict, Timestamp, Uuid } from './common.ts'
import { withExample } from './examples.ts'

export const Role = Type.Union(
  [Type.Literal('host'), Type.Literal('co_host'), Type.Literal('participant'), Type.Literal('guest')],
  { title: 'Role' },
)
export type Role = Static<typeof Role>

/** A participant as everyone in the room sees it, over HTTP and on the socket. */
export const Participant = Strict(
  {
    id: Uuid,
    display_name: SafeText(100, { examples: ['Ana Lima'] }),
    role: Role,
    speaking_language: withExample(LanguageTag, 'es'),
    listening_language: withExample(LanguageTag, 'es'),
    joined_at: Type.String({ ...Timestamp, description: 'Of one who waits, when it came to the door' }),
    status: Type.Union([Type.Literal('joined'), Type.Literal('waiting')]),
    state: Strict({ muted: Type.Boolean(), hand: Type.Boolean(), camera: Type.Boolean() }),
  },
  { title: 'Participant', description: 'A participant as everyone in the room sees it' },
)
export type Participant = Static<typeof Participant>

/** For the documents: a guest at the door. */
export const GUEST_WAITING: Participant = {
  id: 'c85d1f72-6e0b-4a9d-8f13-27b9e4a05d68',
  display_name: 'Ben Okafor',
  role: 'guest',
  speaking_language: 'en',
  listening_language: 'en',
  joined_at: '2026-03-02T09:04:10.000Z',
  status: 'waiting',
  state: { muted: false, hand: false, camera: false },
}
/** The same, let in. */
export const GUEST: Participant = { ...GUEST_WAITING, joined_at: '2026-03-02T09:05:00.000Z', status: 'joined' }

const MaxParticipants = Type.Integer({ minimum: 2, maximum: 1000, examples: [100] })
const RetentionDays = Type.Integer({
  minimum: 0,
  maximum: 3650,
  description: 'How long the transcript is kept; 0 keeps nothing',
  examples: [30],
})

export const DeletedWords = Type.Union([Type.Literal('unname'), Type.Literal('remove')], {
  title: 'DeletedWords',
  description:
    "What becomes of somebody's words in the transcript when the account is deleted: they lose the name, or are erased",
})
export type DeletedWords = Static<typeof DeletedWords>

export const RoomSettings = Strict(
  {
    lock_room: Type.Boolean({ description: 'Who comes waits until a host decides' }),
    enable_transcription: Type.Boolean({ examples: [true] }),
    max_participants: MaxParticipants,
    allow_guests: Type.Boolean({ examples: [true] }),
    retention_days: RetentionDays,
    deleted_words: DeletedWords,
  },
  { title: 'RoomSettings' },
)
export type RoomSettings = Static<typeof RoomSettings>

/** Some of the settings: what is absent keeps its value. */
export const RoomSettingsChange = Type.Partial(RoomSettings, {
  additionalProperties: false,
  title: 'RoomSettingsChange',
  description: 'What is absent keeps its value.',
  examples: [{ lock_room: true, max_participants: 50 }],
})
export type RoomSettingsChange = Static<typeof RoomSettingsChange>

export const RoomStatus = Type.Union([Type.Literal('scheduled'), Type.Literal('active'), Type.Literal('ended')], {
  title: 'RoomStatus',
})
export type RoomStatus = Static<typeof RoomStatus>

const RoomName = SafeText(120, { examples: ['Weekly planning'] })

const room = {
  room_code: RoomCode,
  name: RoomName,
  status: RoomStatus,
  settings: RoomSettings,
  join_url: Type.String({
    maxLength: 2048,
    examples: ['https://meet.example.org/join/k4m2x7qa5tz3hd6wnbe2ryv7cp'],
  }),
  scheduled_at: Type.Union([Timestamp, Type.Null()]),
  created_at: withExample(Timestamp, '2026-02-27T16:20:00.000Z'),
  ended_at: Type.Union([Timestamp, Type.Null()], { examples: [null] }),
}

/** A room as those who may see it see it, over HTTP and on the socket. */
export const Room = Strict(room, { title: 'Meeting', description: 'A room as those who may see it see it' })
export type Room = Static<typeof Room>

export const NewMeeting = Strict(
  {
    name: RoomName,
    scheduled_at: Type.Optional(Timestamp),
    settings: Type.Optional(RoomSettingsChange),
  },
  { title: 'NewMeeting' },
)
export type NewMeeting = Static<typeof NewMeeting>

export const MeetingsQuery = Strict({
  ...Page.properties,
  role: Type.Optional(Type.Union([Type.Literal('host'), Type.Literal('participant')])),
})
export type MeetingsQuery = Static<typeof MeetingsQuery>

export const MeetingsPage = Strict(
  {
    meetings: Type.Array(Strict({ ...room, role: Role }, { title: 'OwnMeeting' }), { maxItems: 100 }),
    page: Type.Integer({ minimum: 1 }),
    per_page: Type.Integer({ minimum: 1, examples: [20] }),
    total: Type.Integer({ minimum: 0, examples: [1] }),
  },
  { title: 'MeetingsPage' },
)
export type MeetingsPage = Static<typeof MeetingsPage>

export const MeetingParams = Strict({ room_code: RoomCode })

export const JoinRequest = Strict(
  {
    display_name: Type.Optional(SafeText(100)),
    speaking_language: Type.Optional(LanguageTag),
    listening_language: Type.Optional(LanguageTag),
    invitation: Type.Optional(
      Type.String({
        minLength: 43,
        maxLength: 43,
        pattern: '^[A-Za-z0-9_-]{43}$',
        description: 'From an invitation link',
      }),
    ),
  },
  {
    title: 'JoinRequest',
    examples: [{ display_name: 'Ben Okafor', speaking_language: 'en', listening_language: 'en' }],
  },
)
export type JoinRequest = Static<typeof JoinRequest>

export const Joined = Strict(
  {
    status: Type.Union([Type.Literal('joined'), Type.Literal('waiting')], {
      description: '`waiting`: in the lobby, until a host decides',
    }),
    participant: withExample(Participant, GUEST),
    guest_token: Type.Optional(
      Type.String({
        maxLength: 2048,
        description: 'Bearer token of a guest, for this room only',
        examples: [SAMPLE_TOKEN],
      }),
    ),
  },
  { title: 'Joined' },
)
export type Joined = Static<typeof Joined>

const Participants = Type.Array(Participant, { maxItems: 1100 })
const Waiting = Type.Array(withExample(Participant, GUEST_WAITING), { maxItems: 100 })

export const ParticipantList = Strict(
  {
    participants: Participants,
    lobby: Type.Optional(
      Type.Array(Waiting.items, { maxItems: 100, description: 'Who waits, oldest first; for hosts' }),
    ),
  },
  { title: 'ParticipantList' },
)
export type ParticipantList = Static<typeof ParticipantList>

export const ParticipantParams = Strict({ room_code: RoomCode, participant_id: Uuid })

export const RoleChange = Strict(
  { role: Type.Union([Type.Literal('co_host'), Type.Literal('participant')]) },
  { title: 'RoleChange' },
)

/** Who came in, and who still waits because the room is full. */
export const AdmittedAll = Strict(
  {
    admitted: Type.Array(withExample(Participant, GUEST), { maxItems: 100 }),
    waiting: Type.Array(Participant, { maxItems: 100, description: 'For whom there was no place', examples: [[]] }),
  },
  { title: 'AdmittedAll' },
)
export type AdmittedAll = Static<typeof AdmittedAll>

export const RejectedAll = Strict({ rejected: Waiting }, { title: 'RejectedAll' })
export type RejectedAll = Static<typeof RejectedAll>

export const InviteRequest = Strict(
  { emails: Type.Array(Email, { minItems: 1, maxItems: 20 }) },
  { title: 'InviteRequest', examples: [{ emails: ['ben@example.org', 'chloe@example.org'] }] },
)

/** `sent`: the mail is on its way; `failed`: too many were sent of late. */
export const Invited = Strict(
  {
    sent: Type.Array(Email, { maxItems: 20, examples: [['ben@example.org']] }),
    failed: Type.Array(Email, { maxItems: 20, examples: [['chloe@example.org']] }),
  },
  { title: 'Invited' },
)
export type Invited = Static<typeof Invited>

export const SocketTicket = Strict(
  {
    ticket: Type.String({
      maxLength: 128,
      description: 'For the subprotocol `ticket.<ticket>`',
      examples: ['m1Wc0dVYxTq7uZpL4nRkB2sHjE9aGf3oPiU6tKyXb8C'],
    }),
    expires_in: Type.Integer({ description: 'Seconds', examples: [30] }),
  },
  { title: 'SocketTicket' },
)
