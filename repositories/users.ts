import { and, asc, eq, isNotNull, isNull, lt, ne, or } from 'drizzle-orm'
import type { Database, Transaction } from './database.ts'
import { mailJobs, participants, sessions, users } from './schema.ts'

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

    /** Stores a secret that is yet to be confirmed, in place of another such; false, and nothing changed, while TOTP is on. */
    async setUpTotp(id: string, sealed: string, at: Date, tx?: Transaction): Promise<boolean> {
      const changed = await (tx ?? db)
        .update(users)
        .set({ totp_secret_sealed: sealed, totp_last_step: null, updated_at: at })
        .where(and(eq(users.id, id), isNull(users.totp_confirmed_at)))
        .returning({ id: users.id })
      return changed.length > 0
    },

    /** Turns TOTP on with the secret that a code of `step` was accepted for; false when that is no longer the one, or is on already. */
    async confirmTotp(
      id: string,
      { sealed, step, at }: { sealed: string; step: number; at: Date },
      tx?: Transaction,
    ): Promise<boolean> {
      const changed = await (tx ?? db)
        .update(users)
        .set({ totp_confirmed_at: at, totp_last_step: step, updated_at: at })
        .where(and(eq(users.id, id), eq(users.totp_secret_sealed, sealed), isNull(users.totp_confirmed_at)))
        .returning({ id: users.id })
      return changed.length > 0
    },

    /**
     * Uses up the code of a time step, and every older one; of any number that try it at the same time one gets true. `resealed` takes
     * the place of the sealed secret.
     */
    async acceptTotpStep(
      id: string,
      { sealed, step, resealed }: { sealed: string; step: number; resealed: string },
      tx?: Transaction,
    ): Promise<boolean> {
      const newer = or(isNull(users.totp_last_step), lt(users.totp_last_step, step))
      const on = and(eq(users.totp_secret_sealed, sealed), isNotNull(users.totp_confirmed_at))
      const accepted = await (tx ?? db)
        .update(users)
        .set({ totp_last_step: step, totp_secret_sealed: resealed })
        .where(and(eq(users.id, id), on, newer))
        .returning({ id: users.id })
      return accepted.length > 0
    },

    /** False, and nothing changed, when that is the role already. */
    async setRole(id: string, role: 'user' | 'admin', at: Date, tx?: Transaction): Promise<boolean> {
      const changed = await (tx ?? db)
        .update(users)
        .set({ role, updated_at: at })
        .where(and(eq(users.id, id), ne(users.role, role)))
        .returning({ id: users.id })
      return changed.length > 0
    },

    /** Every admin, the oldest account first. */
    admins(tx?: Transaction): Promise<UserRecord[]> {
      return (tx ?? db)
        .select()
        .from(users)
        .where(eq(users.role, 'admin'))
        .orderBy(asc(users.created_at), asc(users.id))
    },

    /** Whether a user is an admin now, and the session has not ended. */
    async isAdminIn(sessionId: string, userId: string, tx?: Transaction): Promise<boolean> {
      const found = await (tx ?? db)
        .select({ id: users.id })
        .from(users)
        .innerJoin(sessions, eq(sessions.user_id, users.id))
        .where(
          and(eq(users.id, userId), eq(users.role, 'admin'), eq(sessions.id, sessionId), isNull(sessions.revoked_at)),
        )
      return found.length > 0
    },

    async clearTotp(id: string, at: Date, tx?: Transaction): Promise<void> {
      await (tx ?? db)
        .update(users)
        .set({ totp_secret_sealed: null, totp_confirmed_at: null, totp_last_step: null, updated_at: at })
        .where(eq(users.id, id))
    },

    /** Erases a user: what it owns goes with it, its name leaves the meetings of others, mail to it is dropped. */
    async erase(user: Pick<UserRecord, 'id' | 'email'>, tx: Transaction): Promise<void> {
      await tx.update(participants).set({ display_name: ERASED_NAME }).where(eq(participants.user_id, user.id))
      await tx.delete(mailJobs).where(eq(mailJobs.email, user.email))
      await tx.delete(users).where(eq(users.id, user.id))
    },
  }
}
