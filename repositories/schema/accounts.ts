import { sql } from 'drizzle-orm'
import { bigint, check, index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { at } from './columns.ts'

export const users = pgTable(
  'users',
  {
    id: uuid('id').primaryKey(),
    /** Lower case, NFC: see `normaliseEmail`. */
    email: text('email').notNull(),
    password_hash: text('password_hash').notNull(),
    full_name: text('full_name').notNull(),
    speaking_language: text('speaking_language').notNull(),
    listening_language: text('listening_language').notNull(),
    email_verified_at: at('email_verified_at'),
    /** The shared secret of the authenticator app, encrypted; set before it is confirmed. */
    totp_secret_sealed: text('totp_secret_sealed'),
    totp_confirmed_at: at('totp_confirmed_at'),
    /** The newest time step a code was accepted for: no code counts twice. */
    totp_last_step: bigint('totp_last_step', { mode: 'number' }),
    accepted_terms_at: at('accepted_terms_at').notNull(),
    /** `user`, `admin`. */
    role: text('role').notNull().default('user'),
    created_at: at('created_at').notNull(),
    updated_at: at('updated_at').notNull(),
  },
  (table) => [
    uniqueIndex('users_email_key').on(table.email),
    check('users_role_known', sql`role in ('user', 'admin')`),
  ],
)

/** Single-use codes for whoever has lost the authenticator app. */
export const recoveryCodes = pgTable(
  'recovery_codes',
  {
    code_hash: text('code_hash').primaryKey(),
    user_id: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    created_at: at('created_at').notNull(),
    used_at: at('used_at'),
  },
  (table) => [index('recovery_codes_user_id_idx').on(table.user_id)],
)

/** A sign-in on one device: the family that its refresh tokens belong to. */
export const sessions = pgTable(
  'sessions',
  {
    id: uuid('id').primaryKey(),
    user_id: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** Id of the newest access token issued in this session. */
    access_jti: text('access_jti').notNull(),
    user_agent: text('user_agent').notNull(),
    address: text('address').notNull(),
    created_at: at('created_at').notNull(),
    last_used_at: at('last_used_at').notNull(),
    /** The end of the absolute lifetime. */
    expires_at: at('expires_at').notNull(),
    revoked_at: at('revoked_at'),
    /** `logout`, `logout_all`, `password_changed`, `reuse`, `revoked`, `user_deleted`. */
    revoked_reason: text('revoked_reason'),
  },
  (table) => [
    index('sessions_user_id_idx').on(table.user_id),
    index('sessions_revoked_at_idx').on(table.revoked_at).where(sql`revoked_at is not null`),
  ],
)

export const refreshTokens = pgTable(
  'refresh_tokens',
  {
    /** SHA-256 of the token, base64url. */
    token_hash: text('token_hash').primaryKey(),
    session_id: uuid('session_id')
      .notNull()
      .references(() => sessions.id, { onDelete: 'cascade' }),
    created_at: at('created_at').notNull(),
    /** The end of the idle lifetime. */
    expires_at: at('expires_at').notNull(),
    used_at: at('used_at'),
    /** The token that replaced this one, sealed under this one, so that only its holder can read it. */
    successor_sealed: text('successor_sealed'),
  },
  (table) => [index('refresh_tokens_session_id_idx').on(table.session_id)],
)

/** Single-use links: `verify` (24 hours) and `reset` (10 minutes). */
export const oneTimeTokens = pgTable(
  'one_time_tokens',
  {
    token_hash: text('token_hash').primaryKey(),
    purpose: text('purpose').notNull(),
    user_id: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    created_at: at('created_at').notNull(),
    expires_at: at('expires_at').notNull(),
    used_at: at('used_at'),
  },
  (table) => [index('one_time_tokens_user_id_idx').on(table.user_id)],
)

/** Keys of machine clients. The key itself is shown once; here is what it is known by. */
export const apiKeys = pgTable(
  'api_keys',
  {
    id: uuid('id').primaryKey(),
    user_id: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    /** How its owner tells it from others: its first characters. */
    prefix: text('prefix').notNull(),
    /** SHA-256 of the whole key, base64url. */
    key_hash: text('key_hash').notNull(),
    scopes: text('scopes').array().notNull(),
    /** CIDRs from which it may be used; none: from anywhere. */
    allowed_networks: text('allowed_networks').array().notNull(),
    created_at: at('created_at').notNull(),
    expires_at: at('expires_at').notNull(),
    last_used_at: at('last_used_at'),
    last_used_address: text('last_used_address'),
    /** The key that took its place; both are good until this one expires. */
    replaced_by: uuid('replaced_by'),
    revoked_at: at('revoked_at'),
  },
  (table) => [
    uniqueIndex('api_keys_key_hash_key').on(table.key_hash),
    index('api_keys_user_id_created_at_idx').on(table.user_id, table.created_at),
  ],
)
