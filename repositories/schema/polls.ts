import { sql } from 'drizzle-orm'
import { bigint, boolean, check, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { at } from './columns.ts'
import { participants, rooms } from './rooms.ts'

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
