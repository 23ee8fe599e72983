import { type Static, Type } from '@sinclair/typebox'
import { Email, LanguageTag, Page, RoomCode, SafeText, Strict, Timestamp, Uuid } from './common.ts'

export const Role = Type.Union([
  Type.Literal('host'),
  Type.Literal('co_host'),
  Type.Literal('participant'),
  Type.Literal('guest'),
])
export type Role = Static<typeof Role>

/** A participant as everyone in the room sees it, over HTTP and on the socket. */
export const Participant = Strict({
  id: Uuid,
  display_name: SafeText(100),
  role: Role,
  speaking_language: LanguageTag,
  listening_language: LanguageTag,
  joined_at: Timestamp,
  /** Of one who waits, `joined_at` is when it came to the door. */
  status: Type.Union([Type.Literal('joined'), Type.Literal('waiting')]),
  state: Strict({ muted: Type.Boolean(), hand: Type.Boolean(), camera: Type.Boolean() }),
})
export type Participant = Static<typeof Participant>

const MaxParticipants = Type.Integer({ minimum: 2, maximum: 1000 })
const RetentionDays = Type.Integer({ minimum: 0, maximum: 3650 })

/** What becomes of somebody's words in the transcript when the account is deleted: they lose the name, or are erased. */
export const DeletedWords = Type.Union([Type.Literal('unname'), Type.Literal('remove')])
export type DeletedWords = Static<typeof DeletedWords>

export const RoomSettings = Strict({
  lock_room: Type.Boolean(),
  enable_transcription: Type.Boolean(),
  max_participants: MaxParticipants,
  allow_guests: Type.Boolean(),
  retention_days: RetentionDays,
  deleted_words: DeletedWords,
})
export type RoomSettings = Static<typeof RoomSettings>

/** Some of the settings: what is absent keeps its value. */
export const RoomSettingsChange = Type.Partial(RoomSettings, { additionalProperties: false })
export type RoomSettingsChange = Static<typeof RoomSettingsChange>

export const RoomStatus = Type.Union([Type.Literal('scheduled'), Type.Literal('active'), Type.Literal('ended')])
export type RoomStatus = Static<typeof RoomStatus>

const room = {
  room_code: RoomCode,
  name: SafeText(120),
  status: RoomStatus,
  settings: RoomSettings,
  join_url: Type.String({ maxLength: 2048 }),
  scheduled_at: Type.Union([Timestamp, Type.Null()]),
  created_at: Timestamp,
  ended_at: Type.Union([Timestamp, Type.Null()]),
}

/** A room as those who may see it see it, over HTTP and on the socket. */
export const Room = Strict(room)
export type Room = Static<typeof Room>

export const NewMeeting = Strict({
  name: SafeText(120),
  scheduled_at: Type.Optional(Timestamp),
  settings: Type.Optional(RoomSettingsChange),
})
export type NewMeeting = Static<typeof NewMeeting>

export const MeetingsQuery = Strict({
  ...Page.properties,
  role: Type.Optional(Type.Union([Type.Literal('host'), Type.Literal('participant')])),
})
export type MeetingsQuery = Static<typeof MeetingsQuery>

export const MeetingsPage = Strict({
  meetings: Type.Array(Strict({ ...room, role: Role }), { maxItems: 100 }),
  page: Type.Integer({ minimum: 1 }),
  per_page: Type.Integer({ minimum: 1 }),
  total: Type.Integer({ minimum: 0 }),
})
export type MeetingsPage = Static<typeof MeetingsPage>

export const MeetingParams = Strict({ room_code: RoomCode })

export const JoinRequest = Strict({
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
})
export type JoinRequest = Static<typeof JoinRequest>

export const Joined = Strict({
  status: Type.Union([Type.Literal('joined'), Type.Literal('waiting')], {
    description: '`waiting`: in the lobby, until a host decides',
  }),
  participant: Participant,
  guest_token: Type.Optional(
    Type.String({ maxLength: 2048, description: 'Bearer token of a guest, for this room only' }),
  ),
})
export type Joined = Static<typeof Joined>

const Participants = Type.Array(Participant, { maxItems: 1100 })
const Lobby = Type.Array(Participant, { maxItems: 100 })

export const ParticipantList = Strict({
  participants: Participants,
  lobby: Type.Optional(Type.Array(Participant, { maxItems: 100, description: 'Who waits, oldest first; for hosts' })),
})
export type ParticipantList = Static<typeof ParticipantList>

export const ParticipantParams = Strict({ room_code: RoomCode, participant_id: Uuid })

export const RoleChange = Strict({ role: Type.Union([Type.Literal('co_host'), Type.Literal('participant')]) })

/** Who came in, and who still waits because the room is full. */
export const AdmittedAll = Strict({ admitted: Lobby, waiting: Lobby })
export type AdmittedAll = Static<typeof AdmittedAll>

export const RejectedAll = Strict({ rejected: Lobby })
export type RejectedAll = Static<typeof RejectedAll>

export const InviteRequest = Strict({ emails: Type.Array(Email, { minItems: 1, maxItems: 20 }) })

/** `sent`: the mail is on its way; `failed`: too many were sent of late. */
export const Invited = Strict({
  sent: Type.Array(Email, { maxItems: 20 }),
  failed: Type.Array(Email, { maxItems: 20 }),
})
export type Invited = Static<typeof Invited>

export const SocketTicket = Strict({
  ticket: Type.String({ maxLength: 128 }),
  expires_in: Type.Integer({ description: 'Seconds' }),
})
