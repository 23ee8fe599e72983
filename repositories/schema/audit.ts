import { bigint, index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { at } from './columns.ts'

/**
 * What happened that somebody may have to answer for. Rows are only added, each with the hash of the one before. No row refers to another table: it
 * outlives what it is about, and so it holds ids and digests, never a name or an address of mail.
 */
export const auditEvents = pgTable(
  'audit_events',
  {
    /** Its place in the chain, from 1, without a gap. */
    seq: bigint('seq', { mode: 'number' }).primaryKey(),
    at: at('at').notNull(),
    action: text('action').notNull(),
    /** `success`, `failure`, `refused`. */
    outcome: text('outcome').notNull(),
    /** `user`, `guest`, `api_key`, `system`, `anonymous`. */
    actor_kind: text('actor_kind').notNull(),
    actor_id: text('actor_id'),
    /** Whom or what it is about: an id or a digest. */
    subject: text('subject').notNull(),
    room_id: uuid('room_id'),
    address: text('address'),
    request_id: text('request_id'),
    details: jsonb('details').notNull(),
    prev_hash: text('prev_hash').notNull(),
    /** SHA-256 over `prev_hash` and everything above, base64url. */
    hash: text('hash').notNull(),
  },
  (table) => [
    index('audit_events_at_idx').on(table.at),
    index('audit_events_action_seq_idx').on(table.action, table.seq),
    index('audit_events_actor_id_seq_idx').on(table.actor_id, table.seq),
    index('audit_events_subject_seq_idx').on(table.subject, table.seq),
    index('audit_events_room_id_seq_idx').on(table.room_id, table.seq),
  ],
)
