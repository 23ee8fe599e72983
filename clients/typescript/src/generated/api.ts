// Written by `npm run clients:generate` from /openapi.json and /asyncapi.json: change the schemas, not this.

export type AccountDeletion = {
  password: string
  /** Where one-time passwords are on: the 6 digits of the app, or a recovery code */
  totp?: string
}

export type AdmittedAll = {
  admitted: Participant[]
  /** For whom there was no place */
  waiting: Participant[]
}

export type Alive = {
  status: 'ok'
}

/** A key without the key itself */
export type ApiKey = {
  id: string
  user_id: string
  /** For its owner to tell it from others */
  name: string
  /** The first characters of the key */
  prefix: string
  scopes: Scope[]
  /** CIDR networks or addresses from which the key may be used; none: from anywhere */
  allowed_networks: string[]
  /** `replaced`: rotated, and good until it expires */
  state: 'active' | 'replaced' | 'expired' | 'revoked'
  /** RFC 3339, UTC */
  created_at: string
  /** RFC 3339, UTC */
  expires_at: string
  last_used_at: string | null
  last_used_address: string | null
  replaced_by: string | null
  revoked_at: string | null
}

export type ApiKeysPage = {
  api_keys: ApiKey[]
  page: number
  per_page: number
  total: number
}

/** The binary frames that follow are sound of one speaker, until `audio.stop`. */
export type AudioStart = {
  type: 'audio.start'
  encoding: 'pcm_s16le'
  sample_rate: 16000
  /** BCP 47, such as `en` or `pt-br` */
  language?: string
}

/** The end of the sound; what was said before is still recognised. */
export type AudioStop = {
  type: 'audio.stop'
}

export type AuditChain = {
  seq: number
  hash: string
  /** Checked by this process up to here */
  checked_seq: number
  /** The first place where the chain does not hold */
  broken_seq: number | null
}

/** Hosts see neither addresses nor hashes. */
export type AuditEvent = {
  seq: number
  /** RFC 3339, UTC */
  at: string
  action: string
  outcome: string
  actor_kind: 'user' | 'guest' | 'api_key' | 'system' | 'anonymous'
  actor_id: string | null
  subject: string
  room_id: string | null
  request_id: string | null
  details: Record<string, unknown>
  address?: string | null
  prev_hash?: string
  hash?: string
}

export type AuditPage = {
  events: AuditEvent[]
  /** Null where there is no older one */
  next_cursor: number | null
}

/** What somebody said, in the reader's language. A higher `revision` of the same `id` replaces it until it is `final`; only final ones carry `seq`. */
export type Caption = {
  type: 'caption'
  seq?: number
  /** RFC 3339, UTC */
  at: string
  id: string
  revision: number
  final: boolean
  speaker: Participant
  text: string
  /** BCP 47, such as `en` or `pt-br` */
  language: string
  source_text: string
  /** BCP 47, such as `en` or `pt-br` */
  source_language: string
  status: CaptionStatus
  engine?: string
}

export type CaptionStatus = 'original' | 'translated' | 'untranslated'

export type ChangePasswordRequest = {
  current_password: string
  /** Any characters; common passwords and the own name or address are refused. */
  new_password: string
  /** Where one-time passwords are on: the 6 digits of the app, or a recovery code */
  totp?: string
}

/** What becomes of somebody's words in the transcript when the account is deleted: they lose the name, or are erased */
export type DeletedWords = 'unname' | 'remove'

export type EmailRequest = {
  email: string
}

/** The body of every error answer */
export type ErrorBody = {
  status: 'error'
  /** What happened, for programs */
  code: 'VALIDATION_ERROR' | 'MALFORMED_REQUEST' | 'UNAUTHENTICATED' | 'TOKEN_EXPIRED' | 'TOKEN_REVOKED' | 'INVALID_CREDENTIALS' | 'FORBIDDEN' | 'CSRF_FAILED' | 'ORIGIN_NOT_ALLOWED' | 'EMAIL_NOT_VERIFIED' | 'NOT_FOUND' | 'METHOD_NOT_ALLOWED' | 'CONFLICT' | 'ROOM_FULL' | 'ROOM_ENDED' | 'PAYLOAD_TOO_LARGE' | 'UNSUPPORTED_MEDIA_TYPE' | 'UNPROCESSABLE' | 'RATE_LIMIT_EXCEEDED' | 'INTERNAL_ERROR' | 'SERVICE_UNAVAILABLE' | 'PROVIDER_UNAVAILABLE'
  /** What happened, for people */
  message: string
  details: {
    /** A path from the part of the request */
    field: string
    message: string
  }[]
  /** Names the request in the log */
  request_id: string
}

/** A frame was refused, and the connection stays. `ref` is the `id` of that frame, or its `type` when it had none. */
export type ErrorFrame = {
  type: 'error'
  code: string
  message: string
  ref?: string
}

export type Health = {
  status: 'ok' | 'degraded'
  dependencies: {
    database: {
      status: 'up' | 'down'
    }
    redis: {
      status: 'up' | 'down' | 'memory'
    }
    translation: {
      status: 'up' | 'down'
    }
    votes: {
      /** `behind`: accepted votes wait long to be counted */
      status: 'up' | 'down' | 'behind'
    }
  }
}

export type InviteRequest = {
  emails: string[]
}

export type Invited = {
  sent: string[]
  failed: string[]
}

export type JoinRequest = {
  display_name?: string
  /** BCP 47, such as `en` or `pt-br` */
  speaking_language?: string
  /** BCP 47, such as `en` or `pt-br` */
  listening_language?: string
  /** From an invitation link */
  invitation?: string
}

export type Joined = {
  /** `waiting`: in the lobby, until a host decides */
  status: 'joined' | 'waiting'
  participant: Participant
  /** Bearer token of a guest, for this room only */
  guest_token?: string
}

/** Changes the own languages; captions come in the new one from the next on. */
export type LanguageSet = {
  type: 'language.set'
  /** BCP 47, such as `en` or `pt-br` */
  speaking?: string
  /** BCP 47, such as `en` or `pt-br` */
  listening?: string
  /** true: send me speech too */
  spoken_output?: boolean
}

/** To hosts and the one it is about: let in. A `welcome` follows to the latter. */
export type LobbyAdmitted = {
  type: 'lobby.admitted'
  /** RFC 3339, UTC */
  at: string
  participant: Participant
}

/** To hosts: one who waited went away. */
export type LobbyLeft = {
  type: 'lobby.left'
  /** RFC 3339, UTC */
  at: string
  participant: Participant
}

/** To hosts and the one it is about, whose socket closes: sent away. */
export type LobbyRejected = {
  type: 'lobby.rejected'
  /** RFC 3339, UTC */
  at: string
  participant: Participant
}

/** To hosts: somebody waits to be let in. */
export type LobbyWaiting = {
  type: 'lobby.waiting'
  /** RFC 3339, UTC */
  at: string
  participant: Participant
}

export type LoginRequest = {
  email: string
  password: string
  /** Where one-time passwords are on: the 6 digits of the app, or a recovery code */
  totp?: string
}

export type MadeApiKey = {
  id: string
  user_id: string
  /** For its owner to tell it from others */
  name: string
  /** The first characters of the key */
  prefix: string
  scopes: Scope[]
  /** CIDR networks or addresses from which the key may be used; none: from anywhere */
  allowed_networks: string[]
  /** `replaced`: rotated, and good until it expires */
  state: 'active' | 'replaced' | 'expired' | 'revoked'
  /** RFC 3339, UTC */
  created_at: string
  /** RFC 3339, UTC */
  expires_at: string
  last_used_at: string | null
  last_used_address: string | null
  replaced_by: string | null
  revoked_at: string | null
  /** For the header `X-API-Key`; not shown again */
  key: string
}

export type MailPromise = {
  message: string
}

/** A room as those who may see it see it */
export type Meeting = {
  /** Of the room, as its join link has it */
  room_code: string
  name: string
  status: RoomStatus
  settings: RoomSettings
  join_url: string
  scheduled_at: string | null
  /** RFC 3339, UTC */
  created_at: string
  ended_at: string | null
}

export type MeetingsPage = {
  meetings: OwnMeeting[]
  page: number
  per_page: number
  total: number
}

export type NewApiKey = {
  /** For its owner to tell it from others */
  name: string
  scopes: Scope[]
  expires_in_days?: number
  /** CIDR networks or addresses from which the key may be used; none: from anywhere */
  allowed_networks?: string[]
}

export type NewMeeting = {
  name: string
  /** RFC 3339, UTC */
  scheduled_at?: string
  settings?: RoomSettingsChange
}

export type NewPoll = {
  question: string
  /** Different from each other */
  options: string[]
  /** BCP 47, such as `en` or `pt-br` */
  language?: string
  /** Whether a vote may be for several options */
  multiple?: boolean
  /** Nobody learns who chose what, also nobody who runs the server */
  anonymous?: boolean
  /** Whether a second vote replaces the first; else it is refused with CONFLICT. Never where it is anonymous; true elsewhere unless it is said */
  changeable?: boolean
  results?: PollResultsSetting
}

export type OwnMeeting = {
  /** Of the room, as its join link has it */
  room_code: string
  name: string
  status: RoomStatus
  settings: RoomSettings
  join_url: string
  scheduled_at: string | null
  /** RFC 3339, UTC */
  created_at: string
  ended_at: string | null
  role: Role
}

/** A participant as everyone in the room sees it */
export type Participant = {
  id: string
  display_name: string
  role: Role
  /** BCP 47, such as `en` or `pt-br` */
  speaking_language: string
  /** BCP 47, such as `en` or `pt-br` */
  listening_language: string
  /** Of one who waits, when it came to the door */
  joined_at: string
  status: 'joined' | 'waiting'
  state: {
    muted: boolean
    hand: boolean
    camera: boolean
  }
}

/** Somebody came in. */
export type ParticipantJoined = {
  type: 'participant.joined'
  seq?: number
  /** RFC 3339, UTC */
  at: string
  participant: Participant
}

/** Somebody is gone: `left`, `kicked`, or `gone` when the connection was lost. */
export type ParticipantLeft = {
  type: 'participant.left'
  seq?: number
  /** RFC 3339, UTC */
  at: string
  participant: Participant
  reason?: string
}

export type ParticipantList = {
  participants: Participant[]
  /** Who waits, oldest first; for hosts */
  lobby?: Participant[]
}

/** Somebody changed languages, state or role. */
export type ParticipantUpdated = {
  type: 'participant.updated'
  seq?: number
  /** RFC 3339, UTC */
  at: string
  participant: Participant
}

/** Answered with `pong`. */
export type Ping = {
  type: 'ping'
  id?: string
}

/** What each stage can do now, and with which engine */
export type PipelineLanguages = {
  transcription: {
    /** null: this stage has no engine here */
    engine: string | null
    languages: string[]
  }
  translation: {
    /** null: this stage has no engine here */
    engine: string | null
    pairs: {
      /** BCP 47, such as `en` or `pt-br` */
      source: string
      /** BCP 47, such as `en` or `pt-br` */
      target: string
      engine: string
    }[]
  }
  speech: {
    /** null: this stage has no engine here */
    engine: string | null
    languages: string[]
  }
}

/** A poll as one reader sees it */
export type Poll = {
  id: string
  /** Of the room, as its join link has it */
  room_code: string
  /** In the language of the reader, unless `untranslated` */
  question: string
  options: {
    id: string
    /** In the language of the reader, as the question */
    text: string
    source_text: string
  }[]
  /** Of `question` and of each `text` */
  language: string
  /** In which it was asked */
  source_language: string
  source_question: string
  translation: PollTranslation
  status: PollStatus
  multiple: boolean
  anonymous: boolean
  changeable: boolean
  results: PollResultsSetting
  /** RFC 3339, UTC */
  created_at: string
  opened_at: string | null
  closed_at: string | null
  /** Whether a vote of the reader is counted */
  voted: boolean
  /** What is counted of the reader; never if anonymous */
  your_vote?: string[]
  /** Whether the reader may see the result now */
  results_visible: boolean
}

/** No more votes; every accepted one is counted. `results` as far as the reader may see them. */
export type PollClosed = {
  type: 'poll.closed'
  seq?: number
  /** RFC 3339, UTC */
  at: string
  poll: PollShown
  results?: PollResults
}

/** A poll is no more, nor are its votes. */
export type PollDeleted = {
  type: 'poll.deleted'
  seq?: number
  /** RFC 3339, UTC */
  at: string
  poll_id: string
}

export type PollList = {
  polls: Poll[]
}

/** Votes are taken from now on. `results` as far as the reader may see them. */
export type PollOpened = {
  type: 'poll.opened'
  seq?: number
  /** RFC 3339, UTC */
  at: string
  poll: PollShown
  results?: PollResults
}

export type PollResults = {
  poll_id: string
  /** Whether the poll is closed and every vote counted */
  final: boolean
  voter_count: number
  options: {
    id: string
    votes: number
    /** Missing where the poll is anonymous, and in frames where they are too many */
    voters?: PollVoter[]
  }[]
}

/** Who sees the result besides hosts, who always do: everybody at once, everybody when it is closed, nobody */
export type PollResultsSetting = 'live' | 'on_close' | 'hosts'

/** A poll as one reader sees it in the frames of the socket */
export type PollShown = {
  id: string
  /** Of the room, as its join link has it */
  room_code: string
  /** In the language of the reader, unless `untranslated` */
  question: string
  options: {
    id: string
    /** In the language of the reader, as the question */
    text: string
    source_text: string
  }[]
  /** Of `question` and of each `text` */
  language: string
  /** In which it was asked */
  source_language: string
  source_question: string
  translation: PollTranslation
  status: PollStatus
  multiple: boolean
  anonymous: boolean
  changeable: boolean
  results: PollResultsSetting
  /** RFC 3339, UTC */
  created_at: string
  opened_at: string | null
  closed_at: string | null
}

/** `draft`: hosts alone see it. `closing`: no more votes, and the accepted ones are still being counted */
export type PollStatus = 'draft' | 'open' | 'closing' | 'closed'

export type PollTranslation = 'original' | 'translated' | 'untranslated'

/** More votes are counted; to hosts alone unless the results are `live`. `results` as far as the reader may see them. */
export type PollUpdated = {
  type: 'poll.updated'
  /** RFC 3339, UTC */
  at: string
  poll: PollShown
  results?: PollResults
}

export type PollVoter = {
  participant_id: string
  display_name: string
}

export type PollWithResults = {
  poll: Poll
  results: PollResults
}

/** The answer to `ping`. */
export type Pong = {
  type: 'pong'
  id?: string
  /** RFC 3339, UTC */
  at: string
}

export type ProfileChange = {
  full_name?: string
  /** BCP 47, such as `en` or `pt-br` */
  speaking_language?: string
  /** BCP 47, such as `en` or `pt-br` */
  listening_language?: string
}

export type RecoveryCodes = {
  /** Each signs in once in place of a code of the app; not shown again */
  recovery_codes: string[]
}

export type RejectedAll = {
  rejected: Participant[]
}

/** WebRTC signalling of another participant, as it was sent. */
export type RelayedSignal = {
  type: 'signal'
  /** RFC 3339, UTC */
  at: string
  from: string
  kind: SignalKind
  payload?: unknown
}

export type ResetPasswordRequest = {
  /** From the mail */
  token: string
  /** Any characters; common passwords and the own name or address are refused. */
  new_password: string
}

/** Asks for the events after this number; answered CONFLICT when they are no longer kept. */
export type Resume = {
  type: 'resume'
  after_seq: number
}

export type Role = 'host' | 'co_host' | 'participant' | 'guest'

export type RoleChange = {
  role: 'co_host' | 'participant'
}

/** The room has ended; the socket closes with 4410. */
export type RoomEnded = {
  type: 'room.ended'
  seq?: number
  /** RFC 3339, UTC */
  at: string
}

export type RoomSettings = {
  /** Who comes waits until a host decides */
  lock_room: boolean
  enable_transcription: boolean
  max_participants: number
  allow_guests: boolean
  /** How long the transcript is kept; 0 keeps nothing */
  retention_days: number
  deleted_words: DeletedWords
}

/** What is absent keeps its value. */
export type RoomSettingsChange = {
  /** Who comes waits until a host decides */
  lock_room?: boolean
  enable_transcription?: boolean
  max_participants?: number
  allow_guests?: boolean
  /** How long the transcript is kept; 0 keeps nothing */
  retention_days?: number
  deleted_words?: DeletedWords
}

export type RoomStatus = 'scheduled' | 'active' | 'ended'

/** Settings or status of the room have changed. */
export type RoomUpdated = {
  type: 'room.updated'
  seq?: number
  /** RFC 3339, UTC */
  at: string
  room: Meeting
}

/** Typed text, or what the client's own speech recognition heard. */
export type Say = {
  type: 'say'
  /** Stored NFC, trimmed and on one line */
  text: string
  id?: string
  final?: boolean
  revision?: number
}

export type Scope = 'pipeline' | 'meetings:read' | 'meetings:write' | 'transcripts:read'

export type SessionInfo = {
  id: string
  /** The User-Agent of the sign-in */
  device: string
  address: string
  /** RFC 3339, UTC */
  created_at: string
  /** RFC 3339, UTC */
  last_used_at: string
  /** The session of this request */
  current: boolean
}

/** The last used first */
export type SessionList = {
  sessions: SessionInfo[]
}

/** WebRTC signalling: relayed as it is to every socket of one participant who is in the room. */
export type Signal = {
  type: 'signal'
  /** The id of a participant */
  to: string
  kind: SignalKind
  /** Any JSON, 32 levels deep at most */
  payload?: unknown
}

export type SignalKind = 'offer' | 'answer' | 'ice' | 'bye'

export type SignedIn = {
  access_token: string
  token_type: 'Bearer'
  /** Seconds */
  expires_in: number
  /** For X-CSRF-Token on calls that the cookie authenticates */
  csrf_token: string
  user: User
}

export type SignupRequest = {
  email: string
  /** Any characters; common passwords and the own name or address are refused. */
  password: string
  full_name: string
  /** BCP 47, such as `en` or `pt-br` */
  speaking_language?: string
  /** BCP 47, such as `en` or `pt-br` */
  listening_language?: string
  accepted_terms: true
}

export type SocketTicket = {
  /** For the subprotocol `ticket.<ticket>` */
  ticket: string
  /** Seconds */
  expires_in: number
}

/** A caption as sound, for those who asked with `spoken_output`. */
export type Speech = {
  type: 'speech'
  caption_id: string
  /** BCP 47, such as `en` or `pt-br` */
  language: string
  encoding: 'pcm_s16le'
  sample_rate: number
  /** The binary frames right behind hold so much in all. A long caption comes in several such parts. */
  bytes: number
}

export type SpeechRequest = {
  text: string
  /** BCP 47, such as `en` or `pt-br` */
  language: string
  /** A voice of the engine, by its name there; absent: its usual one */
  voice?: string
}

/** What the room sees of the own microphone, camera and raised hand. */
export type StateSet = {
  type: 'state.set'
  muted?: boolean
  hand?: boolean
  camera?: boolean
}

export type TotpConfirmRequest = {
  /** The 6 digits that the app shows */
  code: string
}

export type TotpDisableRequest = {
  password: string
  /** Where one-time passwords are on: the 6 digits of the app, or a recovery code */
  code: string
}

export type TotpSetup = {
  /** Base32, to type into the authenticator app */
  secret: string
  /** The same as a QR code has it */
  otpauth_url: string
}

export type TotpSetupRequest = {
  password: string
}

export type Transcript = {
  room: {
    /** Of the room, as its join link has it */
    room_code: string
    name: string
  }
  /** null: everything as it was said */
  language: string | null
  captions: TranscriptCaption[]
}

export type TranscriptCaption = {
  id: string
  /** RFC 3339, UTC */
  at: string
  /** When it was said, in seconds after the first caption */
  start_s: number
  /** When it can be taken for read */
  end_s: number
  speaker: {
    id: string | null
    display_name: string
  }
  /** Of `text` */
  language: string
  text: string
  /** As it was said */
  source_language: string
  source_text: string
  status: CaptionStatus
  engine?: string
}

export type Transcription = {
  /** Empty when nobody speaks */
  text: string
  /** BCP 47, such as `en` or `pt-br` */
  language: string
  /** Of the recording, in seconds */
  duration_s: number
  segments: {
    /** In seconds from the beginning */
    start_s: number
    /** In seconds from the beginning */
    end_s: number
    text: string
  }[]
}

export type TranscriptionForm = {
  /** The recording: wav, webm, ogg, mp3, m4a or flac, told by its content; at most a quarter of an hour */
  file: string
  /** BCP 47, such as `en` or `pt-br` */
  language?: string
}

export type Translation = {
  text: string
  /** BCP 47, such as `en` or `pt-br` */
  source_language: string
  /** BCP 47, such as `en` or `pt-br` */
  target_language: string
  engine: string
}

export type TranslationRequest = {
  text: string
  /** BCP 47, such as `en` or `pt-br` */
  source_language: string
  /** BCP 47, such as `en` or `pt-br` */
  target_language: string
}

/** A user as its owner sees it */
export type User = {
  id: string
  email: string
  full_name: string
  /** BCP 47, such as `en` or `pt-br` */
  speaking_language: string
  /** BCP 47, such as `en` or `pt-br` */
  listening_language: string
  email_verified: boolean
  /** Signing in asks for a one-time password too */
  totp_enabled: boolean
  role: UserRole
  /** RFC 3339, UTC */
  created_at: string
}

export type UserExport = {
  /** RFC 3339, UTC */
  exported_at: string
  account: {
    id: string
    email: string
    full_name: string
    /** BCP 47, such as `en` or `pt-br` */
    speaking_language: string
    /** BCP 47, such as `en` or `pt-br` */
    listening_language: string
    email_verified: boolean
    /** Signing in asks for a one-time password too */
    totp_enabled: boolean
    role: UserRole
    /** RFC 3339, UTC */
    created_at: string
    email_verified_at: string | null
    /** RFC 3339, UTC */
    accepted_terms_at: string
    /** RFC 3339, UTC */
    updated_at: string
    totp_confirmed_at: string | null
    recovery_codes_left: number
  }
  /** Sign-ins that are still kept, ended ones too */
  sessions: {
    device: string
    address: string
  }[]
  /** Keys of machines that are still kept, ended ones too */
  api_keys: {
    name: string
    prefix: string
  }[]
  /** Rooms and their settings */
  rooms_hosted: {
    room_code: string
    name: string
  }[]
  /** Where the user was, and as whom */
  participations: {
    room_code: string
    /** RFC 3339, UTC */
    joined_at: string
  }[]
  /** What the user said, as far as it is kept */
  transcript: Record<string, unknown>[]
  /** What the user asked */
  polls: {
    room_code: string
    question: string
  }[]
  /** What the user voted for, where that is known */
  votes: {
    room_code: string
    question: string
  }[]
  /** Where the user voted, and nobody knows for what */
  anonymous_votes: {
    question: string
  }[]
  /** To the address, when it is verified */
  invitations: {
    room_name: string
  }[]
  /** Links sent by mail, without their tokens */
  links: {
    purpose: string
    used_at: string | null
  }[]
  /** What is recorded of what the user did, and of what was done to the account */
  audit_events: {
    action: string
    outcome: string
  }[]
  /** Mails that are not sent yet */
  mails_pending: {
    kind: string
  }[]
}

export type UserRole = 'user' | 'admin'

export type VerifyEmailRequest = {
  /** From the mail */
  token: string
}

export type Vote = {
  option_ids: string[]
}

export type VoteAccepted = {
  status: 'accepted'
}

/** The first frame, and again when one who waited is let in: what is there, up to the event `seq`. */
export type Welcome = {
  type: 'welcome'
  participant: Participant
  participants: Participant[]
  room: Meeting
  seq: number
  languages: PipelineLanguages
  /** Who waits; for hosts only */
  lobby?: Participant[]
  /** RFC 3339, UTC */
  at: string
}

/** Every call: what it takes, and what it answers when it goes well. */
export interface Operations {
  /** Sign up */
  'POST /auth/signup': {
    body: SignupRequest
    answer: User
  }
  /** Sign in: an access token, and a refresh token as a cookie */
  'POST /auth/login': {
    body: LoginRequest
    answer: SignedIn
  }
  /** A new access token for the refresh cookie, which is replaced */
  'POST /auth/refresh-token': {
    answer: SignedIn
  }
  /** End this session */
  'POST /auth/logout': {
    answer: undefined
  }
  /** End every session of the user */
  'POST /auth/logout-all': {
    answer: undefined
  }
  /** Prove an address with the token from the mail */
  'POST /auth/verify-email': {
    body: VerifyEmailRequest
    answer: undefined
  }
  /** Ask for another verification mail */
  'POST /auth/resend-verification': {
    body: EmailRequest
    answer: MailPromise
  }
  /** Ask for a mail with which to choose a new password */
  'POST /auth/forgot-password': {
    body: EmailRequest
    answer: MailPromise
  }
  /** Choose a new password with the token from the mail; ends every session and API key */
  'POST /auth/reset-password': {
    body: ResetPasswordRequest
    answer: undefined
  }
  /** Change the password; ends the other sessions */
  'POST /auth/change-password': {
    body: ChangePasswordRequest
    answer: undefined
  }
  /** Own sessions, the last used first */
  'GET /auth/sessions': {
    answer: SessionList
  }
  /** End one of the own sessions */
  'DELETE /auth/sessions/{id}': {
    params: {
      id: string
    }
    answer: undefined
  }
  /** Get a secret for an authenticator app */
  'POST /auth/totp/setup': {
    body: TotpSetupRequest
    answer: TotpSetup
  }
  /** Turn one-time passwords on with a first code; answers the recovery codes */
  'POST /auth/totp/confirm': {
    body: TotpConfirmRequest
    answer: RecoveryCodes
  }
  /** Turn one-time passwords off, with the password and a code or recovery code */
  'POST /auth/totp/disable': {
    body: TotpDisableRequest
    answer: undefined
  }
  /** Own profile */
  'GET /users/me': {
    answer: User
  }
  /** Change name or languages */
  'PATCH /users/me': {
    body: ProfileChange
    answer: User
  }
  /** Erase the account and everything it owns */
  'DELETE /users/me': {
    body: AccountDeletion
    answer: undefined
  }
  /** Everything that is held about the user, as a file */
  'GET /users/me/export': {
    answer: UserExport
  }
  /** Make an API key; it is shown this once */
  'POST /api-keys': {
    body: NewApiKey
    answer: MadeApiKey
  }
  /** Own API keys, newest first, ended ones too; anybody's for an admin */
  'GET /api-keys': {
    query?: {
      page?: number
      per_page?: number
      user_id?: string
    }
    answer: ApiKeysPage
  }
  /** An API key, for its owner or an admin */
  'GET /api-keys/{id}': {
    params: {
      id: string
    }
    answer: ApiKey
  }
  /** Revoke an API key now and close its sockets, as its owner or an admin */
  'DELETE /api-keys/{id}': {
    params: {
      id: string
    }
    answer: undefined
  }
  /** A new API key in the place of an own one; the old one ends within a day */
  'POST /api-keys/{id}/rotate': {
    params: {
      id: string
    }
    answer: MadeApiKey
  }
  /** Join a room, as the signed-in user or as a guest with a name */
  'POST /meetings/{room_code}/join': {
    params: {
      room_code: string
    }
    body: JoinRequest
    answer: Joined
  }
  /** Leave a room; the token of a guest ends with it */
  'POST /meetings/{room_code}/leave': {
    params: {
      room_code: string
    }
    answer: undefined
  }
  /** Who is in a room now; for hosts also who waits to be let in */
  'GET /meetings/{room_code}/participants': {
    params: {
      room_code: string
    }
    answer: ParticipantList
  }
  /** A ticket for one socket: single use, 30 seconds, bound to participant, room and Origin */
  'POST /meetings/{room_code}/ws-ticket': {
    params: {
      room_code: string
    }
    answer: SocketTicket
  }
  /** Put somebody out of a room, for good (host) */
  'POST /meetings/{room_code}/kick/{participant_id}': {
    params: {
      room_code: string
      participant_id: string
    }
    answer: undefined
  }
  /** Make somebody a co-host, or a participant again (the host only) */
  'PATCH /meetings/{room_code}/participants/{participant_id}': {
    params: {
      room_code: string
      participant_id: string
    }
    body: RoleChange
    answer: Participant
  }
  /** Let in somebody who waits (host) */
  'POST /meetings/{room_code}/admit/{participant_id}': {
    params: {
      room_code: string
      participant_id: string
    }
    answer: Participant
  }
  /** Send away somebody who waits (host) */
  'POST /meetings/{room_code}/reject/{participant_id}': {
    params: {
      room_code: string
      participant_id: string
    }
    answer: undefined
  }
  /** Let in those who wait, oldest first, until the room is full (host) */
  'POST /meetings/{room_code}/admit-all': {
    params: {
      room_code: string
    }
    answer: AdmittedAll
  }
  /** Send away everybody who waits (host) */
  'POST /meetings/{room_code}/reject-all': {
    params: {
      room_code: string
    }
    answer: RejectedAll
  }
  /** Invite by mail, with a link that lets one person in once and a calendar entry (host) */
  'POST /meetings/{room_code}/invite': {
    params: {
      room_code: string
    }
    body: InviteRequest
    answer: Invited
  }
  /** Make a room; the caller is its host */
  'POST /meetings': {
    body: NewMeeting
    answer: Meeting
  }
  /** Own meetings, hosted or taken part in, newest first */
  'GET /meetings': {
    query?: {
      page?: number
      per_page?: number
      role?: 'host' | 'participant'
    }
    answer: MeetingsPage
  }
  /** A room, for its participants and hosts */
  'GET /meetings/{room_code}': {
    params: {
      room_code: string
    }
    answer: Meeting
  }
  /** End a room and remove all that is kept of it (host) */
  'DELETE /meetings/{room_code}': {
    params: {
      room_code: string
    }
    answer: undefined
  }
  /** Change some settings of a room (host) */
  'PATCH /meetings/{room_code}/config': {
    params: {
      room_code: string
    }
    body: RoomSettingsChange
    answer: Meeting
  }
  /** End a room for everyone (host) */
  'POST /meetings/{room_code}/end': {
    params: {
      room_code: string
    }
    answer: undefined
  }
  /** Prepare a poll; hosts alone see it until it is opened (host) */
  'POST /meetings/{room_code}/polls': {
    params: {
      room_code: string
    }
    body: NewPoll
    answer: Poll
  }
  /** The polls of a room, newest first, in the language that the reader listens to */
  'GET /meetings/{room_code}/polls': {
    params: {
      room_code: string
    }
    answer: PollList
  }
  /** Open a poll for votes and tell the room, each in its language (host) */
  'POST /polls/{poll_id}/open': {
    params: {
      poll_id: string
    }
    answer: Poll
  }
  /** Close a poll: every accepted vote is counted before this answers (host) */
  'POST /polls/{poll_id}/close': {
    params: {
      poll_id: string
    }
    answer: Poll
  }
  /** Delete a poll with its votes; an open one is closed before (host) */
  'DELETE /polls/{poll_id}': {
    params: {
      poll_id: string
    }
    answer: undefined
  }
  /** Vote, as a participant who is inside */
  'POST /polls/{poll_id}/vote': {
    params: {
      poll_id: string
    }
    body: Vote
    answer: VoteAccepted
  }
  /** What is counted, for those who may see it; with voters unless the poll is anonymous */
  'GET /polls/{poll_id}/results': {
    params: {
      poll_id: string
    }
    query?: {
      format?: 'json' | 'csv'
    }
    answer: PollWithResults
  }
  /** What was said, with speakers and times, for those who were there; original, or in one language */
  'GET /meetings/{room_code}/transcript': {
    params: {
      room_code: string
    }
    query?: {
      format?: 'vtt' | 'srt' | 'txt' | 'json'
      language?: string
    }
    answer: Transcript
  }
  /** What is said in a recording */
  'POST /pipeline/transcriptions': {
    body: FormData
    answer: Transcription
  }
  /** What each stage can do now, and with which engine */
  'GET /pipeline/languages': {
    answer: PipelineLanguages
  }
  /** Translate a text */
  'POST /pipeline/translations': {
    body: TranslationRequest
    answer: Translation
  }
  /** Hear a text */
  'POST /pipeline/speech': {
    body: SpeechRequest
    answer: Blob
  }
  /** What happened, newest first (admin; hosts, with the code of their room) */
  'GET /audit': {
    query?: {
      room_code?: string
      action?: 'signup' | 'login' | 'logout' | 'session_revoked' | 'refresh_reuse' | 'email_verified' | 'password_changed' | 'password_reset' | 'totp' | 'totp_setup' | 'totp_enabled' | 'totp_disabled' | 'recovery_code' | 'export' | 'user_deleted' | 'api_key_refused' | 'api_key_created' | 'api_key_rotated' | 'api_key_revoked' | 'admin_created' | 'admin_access' | 'role_granted' | 'role_revoked' | 'audit_read' | 'audit_exported' | 'refusals_dropped' | 'room_created' | 'room_configured' | 'room_ended' | 'room_deleted' | 'host_changed' | 'participant_admitted' | 'participant_rejected' | 'participant_kicked' | 'participant_role_changed' | 'invitations_sent' | 'transcript_exported' | 'poll_opened' | 'poll_closed' | 'poll_deleted'
      outcome?: 'success' | 'failure' | 'refused'
      actor_id?: string
      subject?: string
      address?: string
      from?: string
      to?: string
      limit?: number
      cursor?: number
      format?: 'json' | 'ndjson' | 'csv'
    }
    answer: AuditPage
  }
  /** Where the audit trail ends, and whether it holds (admin) */
  'GET /audit/chain': {
    answer: AuditChain
  }
}

/** What a client may send, by its `type`. */
export interface ClientMessages {
  /** Typed text, or what the client's own speech recognition heard. */
  'say': Say
  /** The binary frames that follow are sound of one speaker, until `audio.stop`. */
  'audio.start': AudioStart
  /** The end of the sound; what was said before is still recognised. */
  'audio.stop': AudioStop
  /** Changes the own languages; captions come in the new one from the next on. */
  'language.set': LanguageSet
  /** What the room sees of the own microphone, camera and raised hand. */
  'state.set': StateSet
  /** WebRTC signalling: relayed as it is to every socket of one participant who is in the room. */
  'signal': Signal
  /** Asks for the events after this number; answered CONFLICT when they are no longer kept. */
  'resume': Resume
  /** Answered with `pong`. */
  'ping': Ping
}

/** What the server sends, by its `type`. */
export interface ServerMessages {
  /** The first frame, and again when one who waited is let in: what is there, up to the event `seq`. */
  'welcome': Welcome
  /** What somebody said, in the reader's language. A higher `revision` of the same `id` replaces it until it is `final`; only final ones carry `seq`. */
  'caption': Caption
  /** A caption as sound, for those who asked with `spoken_output`. */
  'speech': Speech
  /** Somebody came in. */
  'participant.joined': ParticipantJoined
  /** Somebody is gone: `left`, `kicked`, or `gone` when the connection was lost. */
  'participant.left': ParticipantLeft
  /** Somebody changed languages, state or role. */
  'participant.updated': ParticipantUpdated
  /** To hosts: somebody waits to be let in. */
  'lobby.waiting': LobbyWaiting
  /** To hosts and the one it is about: let in. A `welcome` follows to the latter. */
  'lobby.admitted': LobbyAdmitted
  /** To hosts and the one it is about, whose socket closes: sent away. */
  'lobby.rejected': LobbyRejected
  /** To hosts: one who waited went away. */
  'lobby.left': LobbyLeft
  /** WebRTC signalling of another participant, as it was sent. */
  'signal': RelayedSignal
  /** Settings or status of the room have changed. */
  'room.updated': RoomUpdated
  /** The room has ended; the socket closes with 4410. */
  'room.ended': RoomEnded
  /** Votes are taken from now on. `results` as far as the reader may see them. */
  'poll.opened': PollOpened
  /** More votes are counted; to hosts alone unless the results are `live`. `results` as far as the reader may see them. */
  'poll.updated': PollUpdated
  /** No more votes; every accepted one is counted. `results` as far as the reader may see them. */
  'poll.closed': PollClosed
  /** A poll is no more, nor are its votes. */
  'poll.deleted': PollDeleted
  /** A frame was refused, and the connection stays. `ref` is the `id` of that frame, or its `type` when it had none. */
  'error': ErrorFrame
  /** The answer to `ping`. */
  'pong': Pong
}
