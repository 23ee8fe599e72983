import { index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { at } from './columns.ts'
import { rooms } from './rooms.ts'

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
