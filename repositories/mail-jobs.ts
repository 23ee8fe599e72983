import { randomUUID } from 'node:crypto'
import { asc, count, eq, inArray, lte, min, sql } from 'drizzle-orm'
import type { Database, Transaction } from './database.ts'
import { mailJobs } from './schema.ts'

/** Mail to the owner of an account. */
export type AccountMailKind =
  | 'verify'
  | 'reset'
  | 'address_taken'
  | 'password_changed'
  | 'totp_enabled'
  | 'totp_disabled'
export type MailKind = AccountMailKind | 'invitation'
export type MailJob = typeof mailJobs.$inferSelect

export type MailJobsRepository = ReturnType<typeof createMailJobsRepository>

/** Mail to be sent, as a queue that any number of processes take from. Every method runs in `tx` when one is given. */
export function createMailJobsRepository(db: Database) {
  return {
    async insert(kind: AccountMailKind, email: string, at: Date, tx?: Transaction): Promise<void> {
      await (tx ?? db).insert(mailJobs).values({ id: randomUUID(), kind, email, not_before: at, created_at: at })
    },

    /** One mail to each address about a room. */
    async insertInvitations(roomId: string, emails: readonly string[], at: Date, tx?: Transaction): Promise<void> {
      if (emails.length === 0) return
      const job = { kind: 'invitation' satisfies MailKind, room_id: roomId, not_before: at, created_at: at }
      await (tx ?? db).insert(mailJobs).values(emails.map((email) => ({ ...job, id: randomUUID(), email })))
    },

    /**
     * Takes the oldest due job, counts the attempt and keeps it from others until `leaseUntil`: then it is due again, unless it was
     * deleted or put off. Null when nothing is due.
     */
    async claim(now: Date, leaseUntil: Date, tx?: Transaction): Promise<MailJob | null> {
      const query = tx ?? db
      const due = query
        .select({ id: mailJobs.id })
        .from(mailJobs)
        .where(lte(mailJobs.not_before, now))
        .orderBy(asc(mailJobs.created_at))
        .limit(1)
        .for('update', { skipLocked: true })
      const [job] = await query
        .update(mailJobs)
        .set({ not_before: leaseUntil, attempts: sql`${mailJobs.attempts} + 1` })
        .where(inArray(mailJobs.id, due))
        .returning()
      return job ?? null
    },

    /** How many are not sent yet, and when the oldest was queued. */
    async backlog(tx?: Transaction): Promise<{ waiting: number; oldest: Date | null }> {
      const [found] = await (tx ?? db).select({ waiting: count(), oldest: min(mailJobs.created_at) }).from(mailJobs)
      return { waiting: found?.waiting ?? 0, oldest: found?.oldest ?? null }
    },

    async putOff(id: string, until: Date, tx?: Transaction): Promise<void> {
      await (tx ?? db).update(mailJobs).set({ not_before: until }).where(eq(mailJobs.id, id))
    },

    async remove(id: string, tx?: Transaction): Promise<void> {
      await (tx ?? db).delete(mailJobs).where(eq(mailJobs.id, id))
    },
  }
}
