import type { Answer, CallOptions } from '../../../clients/typescript/src/index.ts'

export type AuditPage = Answer<'GET /audit'>
export type AuditEvent = AuditPage['events'][number]
export type AuditChain = Answer<'GET /audit/chain'>
export type AuditQuery = NonNullable<CallOptions<'GET /audit'>['query']>
export type AuditAction = NonNullable<AuditQuery['action']>
export type {
  ApiKey,
  ErrorBody,
  Invited,
  Joined,
  JoinRequest,
  LoginRequest,
  MadeApiKey,
  Meeting as Room,
  MeetingsPage,
  NewApiKey,
  NewMeeting,
  NewPoll,
  Participant,
  Poll,
  PollResults,
  PollShown,
  ProfileChange,
  RoomSettings,
  SessionList,
  SignupRequest,
  TotpSetup,
  User,
} from '../../../clients/typescript/src/index.ts'
