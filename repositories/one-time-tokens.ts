import { and, count, eq, gt, isNull, lt } from 'drizzle-orm'
import type { Database, Transaction } from './database.ts'
import { oneTimeTokens } from './schema.ts'

export type NewOneTimeToken = typeof oneTimeTokens.$inferInsert

export type OneTimeTokensRepository = ReturnType<typeof createOneTimeTokensRepository>

/** Tokens of single-use links, by hash. Every method runs in `tx` when one is given. */
export function createOneTimeTokensRepository(db: Database) {
  const usable = (purpose: string, now: Date) =>
    and(eq(oneTimeTokens.purpose, purpose), isNull(oneTimeTokens.used_at), gt(oneTimeTokens.expires_at, now))

  return {
    async insert(token: NewOneTimeToken, tx?: Transaction): Promise<void> {
      await (tx ?? db).insert(oneTimeTokens).values(token)
    },

    /** The user of an unused, unexpired token; null for any other. */
    async findUser(tokenHash: string, purpose: string, now: Date, tx?: Transaction): Promise<string | null> {
      const [record] = await (tx ?? db)
        .select({ user_id: oneTimeTokens.user_id })
        .from(oneTimeTokens)
        .where(and(eq(oneTimeTokens.token_hash, tokenHash), usable(purpose, now)))
      return record?.user_id ?? null
    },

    /** Uses a token up, once, however many try at the same time; its user, or null. */
    async consume(tokenHash: string, purpose: string, now: Date, tx?: Transaction): Promise<string | null> {
      const [record] = await (tx ?? db)
        .update(oneTimeTokens)
        .set({ used_at: now })
        .where(and(eq(oneTimeTokens.token_hash, tokenHash), usable(purpose, now)))
        .returning({ user_id: oneTimeTokens.user_id })
      return record?.user_id ?? null
    },

    /** Makes a user's open tokens of a purpose useless. */
    async voidAll(userId: string, purpose: string, now: Date, tx?: Transaction): Promise<void> {
      await (tx ?? db)
        .update(oneTimeTokens)
        .set({ used_at: now })
        .where(
          and(eq(oneTimeTokens.user_id, userId), eq(oneTimeTokens.purpose, purpose), isNull(oneTimeTokens.used_at)),
        )
    },

    async countSince(userId: string, purpose: string, since: Date, tx?: Transaction): Promise<number> {
      const [record] = await (tx ?? db)
        .select({ made: count() })
        .from(oneTimeTokens)
        .where(
          and(
            eq(oneTimeTokens.user_id, userId),
            eq(oneTimeTokens.purpose, purpose),
            gt(oneTimeTokens.created_at, since),
          ),
        )
      return record?.made ?? 0
    },

    async remove(tokenHash: string, tx?: Transaction): Promise<void> {
      await (tx ?? db).delete(oneTimeTokens).where(eq(oneTimeTokens.token_hash, tokenHash))
    },

    /** Deletes what expired before a time. */
    async deleteExpired(before: Date, tx?: Transaction): Promise<void> {
      await (tx ?? db).delete(oneTimeTokens).where(lt(oneTimeTokens.expires_at, before))
    },
  }
}
