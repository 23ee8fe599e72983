import { and, count, desc, eq, gt, gte, inArray, isNull, lt, or, sql } from 'drizzle-orm'
import type { Scope } from '../schemas/api-keys.ts'
import type { Database, Transaction } from './database.ts'
import { apiKeys } from './schema.ts'

type Row = typeof apiKeys.$inferSelect
export type ApiKeyRecord = Omit<Row, 'scopes'> & { scopes: Scope[] }
export type NewApiKeyRecord = Omit<typeof apiKeys.$inferInsert, 'scopes'> & { scopes: Scope[] }

/** A use of a key, with the address as people write it. */
export interface KeyUse {
  readonly id: string
  readonly at: Date
  readonly address: string
}

export type ApiKeysRepository = ReturnType<typeof createApiKeysRepository>

/** Keys of machine clients. Every method runs in `tx` when one is given. */
export function createApiKeysRepository(db: Database) {
  return {
    async insert(key: NewApiKeyRecord, tx?: Transaction): Promise<ApiKeyRecord> {
      const [record] = await (tx ?? db).insert(apiKeys).values(key).returning()
      return toRecord(record as Row)
    },

    async find(id: string, tx?: Transaction): Promise<ApiKeyRecord | null> {
      const [record] = await (tx ?? db).select().from(apiKeys).where(eq(apiKeys.id, id))
      return record ? toRecord(record) : null
    },

    async findByHash(hash: string, tx?: Transaction): Promise<ApiKeyRecord | null> {
      const [record] = await (tx ?? db).select().from(apiKeys).where(eq(apiKeys.key_hash, hash))
      return record ? toRecord(record) : null
    },

    /** One page of a user's keys, newest first, and how many there are. */
    async ofUser(
      userId: string,
      { limit, offset }: { limit: number; offset: number },
      tx?: Transaction,
    ): Promise<{ keys: ApiKeyRecord[]; total: number }> {
      const own = eq(apiKeys.user_id, userId)
      const newest = [desc(apiKeys.created_at), desc(apiKeys.id)]
      const rows = await (tx ?? db)
        .select()
        .from(apiKeys)
        .where(own)
        .orderBy(...newest)
        .limit(limit)
        .offset(offset)
      const [all] = await (tx ?? db).select({ total: count() }).from(apiKeys).where(own)
      return { keys: rows.map(toRecord), total: all?.total ?? 0 }
    },

    /** How many of a user's keys are good and have not been replaced. */
    async countActive(userId: string, at: Date, tx?: Transaction): Promise<number> {
      const active = and(isLive(at), isNull(apiKeys.replaced_by))
      const own = and(eq(apiKeys.user_id, userId), active)
      const [all] = await (tx ?? db).select({ total: count() }).from(apiKeys).where(own)
      return all?.total ?? 0
    },

    async countMadeSince(userId: string, since: Date, tx?: Transaction): Promise<number> {
      const made = and(eq(apiKeys.user_id, userId), gt(apiKeys.created_at, since))
      const [all] = await (tx ?? db).select({ total: count() }).from(apiKeys).where(made)
      return all?.total ?? 0
    },

    /** Notes what took a key's place; false, and nothing changed, when it was revoked or replaced meanwhile. */
    async replace(id: string, change: { replaced_by: string; expires_at: Date }, tx?: Transaction): Promise<boolean> {
      const replaced = await (tx ?? db)
        .update(apiKeys)
        .set(change)
        .where(and(eq(apiKeys.id, id), isNull(apiKeys.revoked_at), isNull(apiKeys.replaced_by)))
        .returning({ id: apiKeys.id })
      return replaced.length > 0
    },

    /** True when it was not revoked before. */
    async revoke(id: string, at: Date, tx?: Transaction): Promise<boolean> {
      const revoked = await (tx ?? db)
        .update(apiKeys)
        .set({ revoked_at: at })
        .where(and(eq(apiKeys.id, id), isNull(apiKeys.revoked_at)))
        .returning({ id: apiKeys.id })
      return revoked.length > 0
    },

    /** Revokes a user's keys; answers the ids of those that were good. */
    async revokeAll(userId: string, at: Date, tx?: Transaction): Promise<string[]> {
      const live = and(eq(apiKeys.user_id, userId), isLive(at))
      const revoked = await (tx ?? db).update(apiKeys).set({ revoked_at: at }).where(live).returning({ id: apiKeys.id })
      return revoked.map(({ id }) => id)
    },

    /** The ids of a user's keys that are good, replaced ones too. */
    async liveOf(userId: string, at: Date, tx?: Transaction): Promise<string[]> {
      const live = and(eq(apiKeys.user_id, userId), isLive(at))
      const rows = await (tx ?? db).select({ id: apiKeys.id }).from(apiKeys).where(live)
      return rows.map(({ id }) => id)
    },

    /** When keys end; without those that are revoked or gone. */
    endsOf(ids: readonly string[], tx?: Transaction): Promise<{ id: string; expires_at: Date }[]> {
      return (tx ?? db)
        .select({ id: apiKeys.id, expires_at: apiKeys.expires_at })
        .from(apiKeys)
        .where(and(inArray(apiKeys.id, [...ids]), isNull(apiKeys.revoked_at)))
    },

    /** The ids of keys revoked at or after a time. */
    async revokedSince(since: Date, tx?: Transaction): Promise<string[]> {
      const rows = await (tx ?? db).select({ id: apiKeys.id }).from(apiKeys).where(gte(apiKeys.revoked_at, since))
      return rows.map(({ id }) => id)
    },

    /** Writes the last uses of keys, in one statement; a newer one that another process wrote stays. */
    async noteUses(uses: readonly KeyUse[], tx?: Transaction): Promise<void> {
      if (uses.length === 0) return
      const rows = uses.map(({ id, at, address }) => sql`(${id}::uuid, ${at.toISOString()}::timestamptz, ${address})`)
      await (tx ?? db).execute(sql`
        update api_keys set last_used_at = used.at, last_used_address = used.address
        from (values ${sql.join(rows, sql`, `)}) as used (id, at, address)
        where api_keys.id = used.id and (api_keys.last_used_at is null or api_keys.last_used_at < used.at)`)
    },

    /** Deletes keys that expired or were revoked before a time. */
    async deleteEnded(before: Date, tx?: Transaction): Promise<void> {
      await (tx ?? db).delete(apiKeys).where(or(lt(apiKeys.expires_at, before), lt(apiKeys.revoked_at, before)))
    },
  }
}

function isLive(at: Date) {
  return and(isNull(apiKeys.revoked_at), gt(apiKeys.expires_at, at))
}

/** Scopes are checked on their way in, and by nobody else's hand. */
function toRecord(row: Row): ApiKeyRecord {
  return { ...row, scopes: row.scopes as Scope[] }
}
