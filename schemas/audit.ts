import { type Static, Type } from '@sinclair/typebox'
import { RoomCode, Strict, Timestamp, Uuid } from './common.ts'
import { exampleOf, withExample } from './examples.ts'

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

const [USER_ID = ''] = Uuid.examples as string[]
const OUTCOMES = ['success', 'failure', 'refused'] as const
const ACTOR_KINDS = ['user', 'guest', 'api_key', 'system', 'anonymous'] as const
const oneOf = <T extends string>(values: readonly T[]) => Type.Union(values.map((value) => Type.Literal(value)))
const Seq = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, examples: [4711] })
/** An id or a digest. */
const Key = Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9_-]{1,64}$', examples: [USER_ID] })
const Hash = Type.String({ maxLength: 43, examples: ['k7Qd2nVx0Lr5Yb8Wm3Tc9Hs6Jf1Gp4Za-eUiOqXvNyE'] })
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
export const AuditEvent = Strict(
  {
    seq: Seq,
    at: Timestamp,
    action: Type.String({ maxLength: 64, examples: ['participant_kicked'] }),
    outcome: Type.String({ maxLength: 16, examples: ['success'] }),
    actor_kind: oneOf(ACTOR_KINDS),
    actor_id: orNull(Type.String({ maxLength: 64, examples: [USER_ID] })),
    subject: Type.String({ maxLength: 64, examples: ['c85d1f72-6e0b-4a9d-8f13-27b9e4a05d68'] }),
    room_id: orNull(Uuid),
    request_id: orNull(Type.String({ maxLength: 64, examples: ['5e0a7c1d-93b2-4f68-8d14-c6e2a90b7f35'] })),
    details: Type.Object({}, { additionalProperties: true }),
    address: Type.Optional(
      orNull(
        Type.String({
          maxLength: 64,
          description: 'A keyed digest; for admins',
          examples: ['Xb8Wm3Tc9Hs6Jf1Gp4ZaQd'],
        }),
      ),
    ),
    prev_hash: Type.Optional(withExample(Hash, 'b2Rk9sXw7Qm1Ld4Vt8Hc6Nz3Pf5Jg0Ya-oEiUuKxTyC')),
    hash: Type.Optional(Hash),
  },
  { title: 'AuditEvent', description: 'Hosts see neither addresses nor hashes.' },
)
export type AuditEvent = Static<typeof AuditEvent>

/** Newest first. */
export const AuditPage = Strict(
  {
    events: Type.Array(AuditEvent, { maxItems: 200 }),
    next_cursor: Type.Union([Seq, Type.Null()], {
      description: 'Null where there is no older one',
      examples: [null],
    }),
  },
  { title: 'AuditPage' },
)
export type AuditPage = Static<typeof AuditPage>

/** The end of the chain, and how far this process has checked it. */
export const AuditChain = Strict(
  {
    seq: Type.Integer({ minimum: 0, examples: [4711] }),
    hash: Hash,
    checked_seq: Type.Integer({ minimum: 0, description: 'Checked by this process up to here', examples: [4711] }),
    broken_seq: Type.Union([Seq, Type.Null()], {
      description: 'The first place where the chain does not hold',
      examples: [null],
    }),
  },
  { title: 'AuditChain' },
)
export type AuditChain = Static<typeof AuditChain>

/** The same as files: what admins get of it. */
export const AuditFiles = {
  ndjson: Type.String({ examples: [`${JSON.stringify(exampleOf(AuditEvent))}\n`] }),
  csv: Type.String({
    examples: [
      '"seq","at","action","outcome","actor_kind","actor_id","subject","room_id","request_id","details","address","prev_hash","hash"\r\n"4711","2026-03-02T09:00:00.000Z","participant_kicked","success","user","3f0c8e1a-5b7d-4c29-9e46-8a1d2b60f7c3","c85d1f72-6e0b-4a9d-8f13-27b9e4a05d68","3f0c8e1a-5b7d-4c29-9e46-8a1d2b60f7c3","5e0a7c1d-93b2-4f68-8d14-c6e2a90b7f35","{}","Xb8Wm3Tc9Hs6Jf1Gp4ZaQd","b2Rk9sXw7Qm1Ld4Vt8Hc6Nz3Pf5Jg0Ya-oEiUuKxTyC","k7Qd2nVx0Lr5Yb8Wm3Tc9Hs6Jf1Gp4Za-eUiOqXvNyE"\r\n',
    ],
  }),
}
