import { and, count, eq, isNull } from 'drizzle-orm'
import type { Database, Transaction } from './database.ts'
import { recoveryCodes } from './schema.ts'

export type RecoveryCodesRepository = ReturnType<typeof createRecoveryCodesRepository>

/** Single-use codes for whoever has lost the authenticator app, by hash. Every method runs in `tx` when one is given. */
export function createRecoveryCodesRepository(db: Database) {
  const unused = (userId: string) => and(eq(recoveryCodes.user_id, userId), isNull(recoveryCodes.used_at))

  return {
    /** Puts these in the place of all a user had. */
    async replace(userId: string, hashes: readonly string[], at: Date, tx: Transaction): Promise<void> {
      await tx.delete(recoveryCodes).where(eq(recoveryCodes.user_id, userId))
      if (hashes.length === 0) return
      await tx.insert(recoveryCodes).values(hashes.map((code_hash) => ({ code_hash, user_id: userId, created_at: at })))
    },

    /** Uses a user's code up, once, however many try at the same time; whether it was one. */
    async consume(userId: string, hash: string, at: Date, tx?: Transaction): Promise<boolean> {
      const used = await (tx ?? db)
        .update(recoveryCodes)
        .set({ used_at: at })
        .where(and(eq(recoveryCodes.code_hash, hash), unused(userId)))
        .returning({ user_id: recoveryCodes.user_id })
      return used.length > 0
    },

    async countUnused(userId: string, tx?: Transaction): Promise<number> {
      const [record] = await (tx ?? db).select({ left: count() }).from(recoveryCodes).where(unused(userId))
      return record?.left ?? 0
    },
  }
}
