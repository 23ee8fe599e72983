import { eq } from 'drizzle-orm'
import type { Database, Transaction } from './database.ts'
import { refreshTokens, sessions } from './schema.ts'

export type RefreshTokenRecord = typeof refreshTokens.$inferSelect

export type RefreshTokensRepository = ReturnType<typeof createRefreshTokensRepository>

/** Refresh tokens, by hash. Every method runs in `tx` when one is given. */
export function createRefreshTokensRepository(db: Database) {
  return {
    async insert(token: typeof refreshTokens.$inferInsert, tx?: Transaction): Promise<void> {
      await (tx ?? db).insert(refreshTokens).values(token)
    },

    async find(tokenHash: string, tx?: Transaction): Promise<RefreshTokenRecord | null> {
      const [record] = await (tx ?? db).select().from(refreshTokens).where(eq(refreshTokens.token_hash, tokenHash))
      return record ?? null
    },

    /** Whose token it is; null when unknown. */
    async owner(tokenHash: string, tx?: Transaction): Promise<{ session_id: string; user_id: string } | null> {
      const [record] = await (tx ?? db)
        .select({ session_id: sessions.id, user_id: sessions.user_id })
        .from(refreshTokens)
        .innerJoin(sessions, eq(sessions.id, refreshTokens.session_id))
        .where(eq(refreshTokens.token_hash, tokenHash))
      return record ?? null
    },

    async markUsed(
      tokenHash: string,
      use: { used_at: Date; successor_sealed: string },
      tx?: Transaction,
    ): Promise<void> {
      await (tx ?? db).update(refreshTokens).set(use).where(eq(refreshTokens.token_hash, tokenHash))
    },
  }
}
