import type { Static } from '@sinclair/typebox'
import type * as auth from '../../../schemas/auth.ts'
import type * as errors from '../../../schemas/errors.ts'

// Types only: the schemas themselves stay on the server.
export type SignInAnswer = Static<typeof auth.SignInAnswer>
export type TotpSetup = Static<typeof auth.TotpSetup>
export type RecoveryCodes = Static<typeof auth.RecoveryCodes>
export type ErrorAnswer = Static<typeof errors.ErrorAnswer>
export type { ApiKey, ApiKeysPage, MadeApiKey, NewApiKey } from '../../../schemas/api-keys.ts'
export type { AuditAction, AuditChain, AuditEvent, AuditPage } from '../../../schemas/audit.ts'
export type { SessionList, SignupRequest } from '../../../schemas/auth.ts'
export type {
  ClientMessage,
  ServerMessage,
} from '../../../schemas/meeting-socket.ts'
export type {
  Invited,
  Joined,
  JoinRequest,
  MeetingsPage,
  NewMeeting,
  Participant,
  Role,
  Room,
  RoomSettings,
} from '../../../schemas/meetings.ts'
export type { NewPoll, Poll, PollList, PollResults, PollResultsAnswer, PollShown } from '../../../schemas/polls.ts'
export type { ProfileChange, User } from '../../../schemas/users.ts'
