import { type Static, Type } from '@sinclair/typebox'
import { RoomCode, Strict, Timestamp, Uuid } from './common.ts'

/** Everything that is recorded. */
export const AUDIT_ACTIONS = [
  // Accounts and sessions.
  'signup',
  'login',
  'logout',
  'session_revoked',
  'refresh_reuse',
  'email_verified',
  'password_changed',
  'password_reset',
  'totp',
  'totp_setup',
  'totp_enabled',
  'totp_disabled',
  'recovery_code',
  'export',
  'user_deleted',
  // Keys of machine clients.
  'api_key_refused',
  'api_key_created',
  'api_key_rotated',
  'api_key_revoked',
  // Administration.
  'admin_created',
  'admin_access',
  'role_granted',
  'role_revoked',
  'audit_read',
  'audit_exported',
  'refusals_dropped',
  // Rooms.
  'room_created',
  'room_configured',
  'room_ended',
  'room_deleted',
  'host_changed',
  'participant_admitted',
  'participant_rejected',
  'participant_kicked',
  'participant_role_changed',
  'invitations_sent',
  'transcript_exported',
  'poll_opened',
  'poll_closed',
  'poll_deleted',
] as const
export type AuditAction = (typeof AUDIT_ACTIONS)[number]

const OUTCOMES = ['success', 'failure', 'refused'] as const
const ACTOR_KINDS = ['user', 'guest', 'api_key', 'system', 'anonymous'] as const
const oneOf = <T extends string>(values: readonly T[]) => Type.Union(values.map((value) => Type.Literal(value)))
const Seq = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
/** An id or a digest. */
const Key = Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9_-]{1,64}$' })
const Hash = Type.String({ maxLength: 43 })
const orNull = <T extends ReturnType<typeof Type.String>>(schema: T) => Type.Union([schema, Type.Null()])

export const AuditQuery = Strict({
  room_code: Type.Optional(RoomCode),
  action: Type.Optional(oneOf(AUDIT_ACTIONS)),
  outcome: Type.Optional(oneOf(OUTCOMES)),
  actor_id: Type.Optional(Key),
  subject: Type.Optional(Key),
  address: Type.Optional(
    Type.String({ minLength: 2, maxLength: 45, pattern: '^[0-9A-Fa-f:.]{2,45}$', description: 'For admins' }),
  ),
  from: Type.Optional(Timestamp),
  to: Type.Optional(
    Type.String({ format: 'date-time', maxLength: 40, description: 'Up to, and without, this moment' }),
  ),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
  cursor: Type.Optional(Type.Integer({ ...Seq, description: 'The `next_cursor` of the page before' })),
  format: Type.Optional(
    Type.Union([Type.Literal('json'), Type.Literal('ndjson'), Type.Literal('csv')], {
      description: 'All that is found, oldest first, as a download',
    }),
  ),
})
export type AuditQuery = Static<typeof AuditQuery>
export type AuditFormat = NonNullable<AuditQuery['format']>

/** A row of the trail. */
export const AuditEvent = Strict({
  seq: Seq,
  at: Timestamp,
  action: Type.String({ maxLength: 64 }),
  outcome: Type.String({ maxLength: 16 }),
  actor_kind: oneOf(ACTOR_KINDS),
  actor_id: orNull(Type.String({ maxLength: 64 })),
  subject: Type.String({ maxLength: 64 }),
  room_id: orNull(Uuid),
  request_id: orNull(Type.String({ maxLength: 64 })),
  details: Type.Object({}, { additionalProperties: true }),
  address: Type.Optional(orNull(Type.String({ maxLength: 64, description: 'A keyed digest; for admins' }))),
  prev_hash: Type.Optional(Hash),
  hash: Type.Optional(Hash),
})
export type AuditEvent = Static<typeof AuditEvent>

/** Newest first. */
export const AuditPage = Strict({
  events: Type.Array(AuditEvent, { maxItems: 200 }),
  next_cursor: Type.Union([Seq, Type.Null()], { description: 'Null where there is no older one' }),
})
export type AuditPage = Static<typeof AuditPage>

/** The end of the chain, and how far this process has checked it. */
export const AuditChain = Strict({
  seq: Type.Integer({ minimum: 0 }),
  hash: Hash,
  checked_seq: Type.Integer({ minimum: 0, description: 'Checked by this process up to here' }),
  broken_seq: Type.Union([Seq, Type.Null()], { description: 'The first place where the chain does not hold' }),
})
export type AuditChain = Static<typeof AuditChain>
