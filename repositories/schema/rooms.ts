import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { users } from './accounts.ts'
import { at } from './columns.ts'

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
