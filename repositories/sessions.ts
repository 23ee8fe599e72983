import { and, desc, eq, gt, gte, inArray, isNull, lt, ne } from 'drizzle-orm'
import type { Database, Transaction } from './database.ts'
import { sessions } from './schema.ts'

export type SessionRecord = typeof sessions.$inferSelect
export type NewSession = typeof sessions.$inferInsert

/** More sessions of one user than this are not listed. */
const LISTED = 100

export interface RevocationChange {
  reason: string
  at: Date
  /** Only these; all of the user's when absent. */
  only?: readonly string[]
  /** All but this one. */
  except?: string
}

export type SessionsRepository = ReturnType<typeof createSessionsRepository>

/** Sign-ins. Every method runs in `tx` when one is given. */
export function createSessionsRepository(db: Database) {
  return {
    async insert(session: NewSession, tx?: Transaction): Promise<void> {
      await (tx ?? db).insert(sessions).values(session)
    },

    async find(id: string, tx?: Transaction): Promise<SessionRecord | null> {
      const [record] = await (tx ?? db).select().from(sessions).where(eq(sessions.id, id))
      return record ?? null
    },

    /** Reads a session and keeps everyone else from changing it until the transaction is over. */
    async lock(id: string, tx: Transaction): Promise<SessionRecord | null> {
      const [record] = await tx.select().from(sessions).where(eq(sessions.id, id)).for('update')
      return record ?? null
    },

    /** Sessions that can still be refreshed, the last used first. */
    listActive(userId: string, at: { now: Date; idleSince: Date }, tx?: Transaction): Promise<SessionRecord[]> {
      const alive = and(
        gt(sessions.expires_at, at.now),
        gt(sessions.last_used_at, at.idleSince),
        isNull(sessions.revoked_at),
      )
      return (tx ?? db)
        .select()
        .from(sessions)
        .where(and(eq(sessions.user_id, userId), alive))
        .orderBy(desc(sessions.last_used_at))
        .limit(LISTED)
    },

    /** Notes the newest access token of a session. */
    async touch(id: string, change: { access_jti: string; last_used_at: Date }, tx?: Transaction): Promise<void> {
      await (tx ?? db).update(sessions).set(change).where(eq(sessions.id, id))
    },

    /** Revokes a user's sessions; answers the ids of those that were not revoked yet. */
    async revoke(userId: string, change: RevocationChange, tx?: Transaction): Promise<string[]> {
      const revoked = await (tx ?? db)
        .update(sessions)
        .set({ revoked_at: change.at, revoked_reason: change.reason })
        .where(
          and(
            eq(sessions.user_id, userId),
            isNull(sessions.revoked_at),
            change.only ? inArray(sessions.id, [...change.only]) : undefined,
            change.except ? ne(sessions.id, change.except) : undefined,
          ),
        )
        .returning({ id: sessions.id })
      return revoked.map(({ id }) => id)
    },

    /** Sessions revoked at or after a time. */
    revokedSince(since: Date, tx?: Transaction): Promise<SessionRecord[]> {
      return (tx ?? db).select().from(sessions).where(gte(sessions.revoked_at, since))
    },

    /** Deletes sessions, and their refresh tokens, whose absolute lifetime ended before a time. */
    async deleteExpired(before: Date, tx?: Transaction): Promise<void> {
      await (tx ?? db).delete(sessions).where(lt(sessions.expires_at, before))
    },
  }
}
