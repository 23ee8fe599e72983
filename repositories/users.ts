import { and, eq, isNull } from 'drizzle-orm'
import type { Database, Transaction } from './database.ts'
import { mailJobs, participants, users } from './schema.ts'

export type UserRecord = typeof users.$inferSelect
export type NewUser = typeof users.$inferInsert
export type UserProfile = Pick<UserRecord, 'full_name' | 'speaking_language' | 'listening_language'>

/** What is left of a user's name in the meetings of others. */
export const ERASED_NAME = 'Former participant'

export type UsersRepository = ReturnType<typeof createUsersRepository>

/** Accounts. Addresses are expected as `normaliseEmail` makes them. Every method runs in `tx` when one is given. */
export function createUsersRepository(db: Database) {
  return {
    /** Null when the address is taken; nothing changed then. */
    async insert(user: NewUser, tx?: Transaction): Promise<UserRecord | null> {
      const [record] = await (tx ?? db).insert(users).values(user).onConflictDoNothing().returning()
      return record ?? null
    },

    async findByEmail(email: string, tx?: Transaction): Promise<UserRecord | null> {
      const [record] = await (tx ?? db).select().from(users).where(eq(users.email, email))
      return record ?? null
    },

    async findById(id: string, tx?: Transaction): Promise<UserRecord | null> {
      const [record] = await (tx ?? db).select().from(users).where(eq(users.id, id))
      return record ?? null
    },

    /** Reads a user and keeps it from changing until the transaction is over; with `update`, keeps others from such reading too. */
    async lock(id: string, strength: 'share' | 'update', tx: Transaction): Promise<UserRecord | null> {
      const [record] = await tx.select().from(users).where(eq(users.id, id)).for(strength)
      return record ?? null
    },

    async updateProfile(
      id: string,
      change: Partial<UserProfile>,
      at: Date,
      tx?: Transaction,
    ): Promise<UserRecord | null> {
      const set = { ...change, updated_at: at }
      const [record] = await (tx ?? db).update(users).set(set).where(eq(users.id, id)).returning()
      return record ?? null
    },

    /** Replaces a password hash; with `expected`, only while it is the one stored. True when it was replaced. */
    async setPasswordHash(
      id: string,
      change: { hash: string; expected?: string; at: Date },
      tx?: Transaction,
    ): Promise<boolean> {
      const unchanged = change.expected === undefined ? undefined : eq(users.password_hash, change.expected)
      const replaced = await (tx ?? db)
        .update(users)
        .set({ password_hash: change.hash, updated_at: change.at })
        .where(and(eq(users.id, id), unchanged))
        .returning({ id: users.id })
      return replaced.length > 0
    },

    /** Keeps the first time when it was verified before. */
    async markVerified(id: string, at: Date, tx?: Transaction): Promise<void> {
      await (tx ?? db)
        .update(users)
        .set({ email_verified_at: at, updated_at: at })
        .where(and(eq(users.id, id), isNull(users.email_verified_at)))
    },

    /** Erases a user: what it owns goes with it, its name leaves the meetings of others, mail to it is dropped. */
    async erase(user: Pick<UserRecord, 'id' | 'email'>, tx: Transaction): Promise<void> {
      await tx.update(participants).set({ display_name: ERASED_NAME }).where(eq(participants.user_id, user.id))
      await tx.delete(mailJobs).where(eq(mailJobs.email, user.email))
      await tx.delete(users).where(eq(users.id, user.id))
    },
  }
}
