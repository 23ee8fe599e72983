import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'

const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' })

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
    created_at: at('created_at').notNull(),
    updated_at: at('updated_at').notNull(),
  },
  (table) => [uniqueIndex('users_email_key').on(table.email)],
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

/** Mail that was promised and is not sent yet. Holds no link: the worker makes one when it sends. */
export const mailJobs = pgTable(
  'mail_jobs',
  {
    id: uuid('id').primaryKey(),
    /** `verify`, `reset`, `address_taken`, `password_changed`, `invitation`. */
    kind: text('kind').notNull(),
    email: text('email').notNull(),
    /** The room of an invitation. */
    room_id: uuid('room_id').references(() => rooms.id, { onDelete: 'cascade' }),
    attempts: integer('attempts').notNull().default(0),
    not_before: at('not_before').notNull(),
    created_at: at('created_at').notNull(),
  },
  (table) => [index('mail_jobs_not_before_idx').on(table.not_before)],
)

export const rooms = pgTable(
  'rooms',
  {
    id: uuid('id').primaryKey(),
    room_code: text('room_code').notNull(),
    name: text('name').notNull(),
    host_user_id: uuid('host_user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** `scheduled`, `active`, `ended`. */
    status: text('status').notNull(),
    lock_room: boolean('lock_room').notNull().default(false),
    enable_transcription: boolean('enable_transcription').notNull().default(true),
    max_participants: integer('max_participants').notNull().default(100),
    allow_guests: boolean('allow_guests').notNull().default(true),
    retention_days: integer('retention_days').notNull().default(30),
    /** What becomes of somebody's words in the transcript when the account is deleted: `unname` or `remove`. */
    deleted_words: text('deleted_words').notNull().default('unname'),
    scheduled_at: at('scheduled_at'),
    created_at: at('created_at').notNull(),
    ended_at: at('ended_at'),
    /** When a host was last seen in the room; empty until one was. */
    host_seen_at: at('host_seen_at'),
  },
  (table) => [
    uniqueIndex('rooms_room_code_key').on(table.room_code),
    index('rooms_host_user_id_idx').on(table.host_user_id),
    index('rooms_host_seen_at_idx').on(table.host_seen_at).where(sql`status = 'active'`),
  ],
)

export const participants = pgTable(
  'participants',
  {
    id: uuid('id').primaryKey(),
    room_id: uuid('room_id')
      .notNull()
      .references(() => rooms.id, { onDelete: 'cascade' }),
    /** Empty for a guest. */
    user_id: uuid('user_id').references(() => users.id, { onDelete: 'set null' }),
    display_name: text('display_name').notNull(),
    /** `host`, `co_host`, `participant`, `guest`. */
    role: text('role').notNull(),
    speaking_language: text('speaking_language').notNull(),
    listening_language: text('listening_language').notNull(),
    /** `waiting` (in the lobby), `joined`, `left`, `rejected`, `kicked` (and kept out). */
    status: text('status').notNull(),
    muted: boolean('muted').notNull().default(false),
    hand: boolean('hand').notNull().default(false),
    camera: boolean('camera').notNull().default(false),
    spoken_output: boolean('spoken_output').notNull().default(false),
    /** Keyed digest of the address group it came from, by which a kicked guest is known again. */
    address_digest: text('address_digest'),
    joined_at: at('joined_at').notNull(),
    left_at: at('left_at'),
  },
  (table) => [
    uniqueIndex('participants_room_user_key').on(table.room_id, table.user_id),
    index('participants_user_id_idx').on(table.user_id),
  ],
)

/** One-time ways into a room, sent by mail. */
export const invitations = pgTable(
  'invitations',
  {
    token_hash: text('token_hash').primaryKey(),
    room_id: uuid('room_id')
      .notNull()
      .references(() => rooms.id, { onDelete: 'cascade' }),
    email: text('email').notNull(),
    created_at: at('created_at').notNull(),
    expires_at: at('expires_at').notNull(),
    redeemed_at: at('redeemed_at'),
    /** Who came in with it. */
    participant_id: uuid('participant_id').references(() => participants.id, { onDelete: 'set null' }),
  },
  (table) => [index('invitations_room_id_email_idx').on(table.room_id, table.email)],
)

/** What was said, while it is retained: one row a final caption event. */
export const captions = pgTable(
  'captions',
  {
    room_id: uuid('room_id')
      .notNull()
      .references(() => rooms.id, { onDelete: 'cascade' }),
    /** When it was final, with the number of its event: the event's identity, also if the numbers begin anew. */
    at: at('at').notNull(),
    seq: bigint('seq', { mode: 'number' }).notNull(),
    /** The caption's id within the room, under which its speaker may have revised it. */
    caption_id: text('caption_id').notNull(),
    revision: integer('revision').notNull(),
    participant_id: uuid('participant_id').references(() => participants.id, { onDelete: 'set null' }),
    speaker_name: text('speaker_name').notNull(),
    language: text('language').notNull(),
    text: text('text').notNull(),
    /** The translations that were made when it was said, by language: `{text, status, engine?}`. */
    texts: jsonb('texts').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.room_id, table.at, table.seq] }),
    index('captions_at_idx').on(table.at),
    index('captions_participant_id_idx').on(table.participant_id),
  ],
)

/** Questions to a meeting. */
export const polls = pgTable(
  'polls',
  {
    id: uuid('id').primaryKey(),
    room_id: uuid('room_id')
      .notNull()
      .references(() => rooms.id, { onDelete: 'cascade' }),
    question: text('question').notNull(),
    /** The language of the question and of its options. */
    language: text('language').notNull(),
    /** `[{id, text}]`, in the order in which they are shown. */
    options: jsonb('options').notNull(),
    /** Whether a vote may be for several options. */
    multiple: boolean('multiple').notNull(),
    anonymous: boolean('anonymous').notNull(),
    /** Whether a second vote replaces the first. */
    changeable: boolean('changeable').notNull(),
    /** Who sees the result when: `live`, `on_close`, `hosts`. */
    results: text('results').notNull(),
    /** `draft`, `open`, `closing` (accepted votes are still counted), `closed`. */
    status: text('status').notNull(),
    created_by: uuid('created_by').references(() => participants.id, { onDelete: 'set null' }),
    created_at: at('created_at').notNull(),
    opened_at: at('opened_at'),
    closed_at: at('closed_at'),
  },
  (table) => [
    index('polls_room_id_created_at_idx').on(table.room_id, table.created_at),
    index('polls_created_by_idx').on(table.created_by),
    // What was counted without a name cannot be taken back.
    check('polls_anonymous_is_final', sql`not (anonymous and changeable)`),
  ],
)

/** What a poll says in other languages than its own. */
export const pollTexts = pgTable(
  'poll_texts',
  {
    poll_id: uuid('poll_id')
      .notNull()
      .references(() => polls.id, { onDelete: 'cascade' }),
    language: text('language').notNull(),
    /** The question, then each option; null: it could not be translated, or nobody paid for it. */
    texts: text('texts').array(),
  },
  (table) => [primaryKey({ columns: [table.poll_id, table.language] })],
)

/** Counted votes of polls with names: one row a voter. The voter is a participant of the poll's room. */
export const pollVotes = pgTable(
  'poll_votes',
  {
    poll_id: uuid('poll_id')
      .notNull()
      .references(() => polls.id, { onDelete: 'cascade' }),
    voter_id: uuid('voter_id').notNull(),
    option_ids: text('option_ids').array().notNull(),
    /** The place in the order of acceptance, `ms-n`: the highest is the vote that counts. */
    position_ms: bigint('position_ms', { mode: 'number' }).notNull(),
    position_n: bigint('position_n', { mode: 'number' }).notNull(),
    voted_at: at('voted_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.poll_id, table.voter_id] })],
)

/** Who has voted in anonymous polls: no time, and nothing that leads to an option. */
export const pollVoters = pgTable(
  'poll_voters',
  {
    poll_id: uuid('poll_id')
      .notNull()
      .references(() => polls.id, { onDelete: 'cascade' }),
    voter_id: uuid('voter_id').notNull(),
  },
  (table) => [primaryKey({ columns: [table.poll_id, table.voter_id] })],
)

/** How often each option of an anonymous poll was voted for. */
export const pollCounts = pgTable(
  'poll_counts',
  {
    poll_id: uuid('poll_id')
      .notNull()
      .references(() => polls.id, { onDelete: 'cascade' }),
    option_id: text('option_id').notNull(),
    count: integer('count').notNull(),
  },
  (table) => [primaryKey({ columns: [table.poll_id, table.option_id] })],
)

export const schema = {
  users,
  recoveryCodes,
  sessions,
  refreshTokens,
  oneTimeTokens,
  mailJobs,
  rooms,
  participants,
  invitations,
  captions,
  polls,
  pollTexts,
  pollVotes,
  pollVoters,
  pollCounts,
}
