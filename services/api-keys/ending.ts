import type { Transaction } from '../../repositories/database.ts'
import { type ApiKeysDeps, DAY_MS } from './deps.ts'

/**
 * How long processes are told that a key was revoked: longer than any of them believes what it read before, so that one that could not
 * hear it still learns of it.
 */
const REFUSED_MS = 3_600_000
/** How long keys that ended are still listed. */
const KEPT_MS = 90 * DAY_MS

/** How keys end: at once on every process, and at last from the table. */
export function createEnding({ apiKeys, state, now }: ApiKeysDeps) {
  /** Refuses keys at once, on every process, and closes their sockets. Not within a transaction. */
  async function refuse(ids: readonly string[], reason: string): Promise<void> {
    if (ids.length === 0) return
    const revocations = ids.map((id) => ({ subject: `k:${id}` as const, sessionId: id, reason }))
    await state.revocations.revoke(revocations, REFUSED_MS)
  }

  return {
    refuse,

    /** Keys of a user that could be used: `refuse` them when the transaction that erases their user is over. */
    liveOf: (userId: string, tx: Transaction): Promise<string[]> => apiKeys.liveOf(userId, now(), tx),

    /** Revokes all keys of a user in the database only: `refuse` what it answers when the transaction is over. */
    revokeAllIn: (userId: string, tx: Transaction): Promise<string[]> => apiKeys.revokeAll(userId, now(), tx),

    /** When keys end, milliseconds since the epoch; without those that were revoked or are gone. */
    async ends(ids: readonly string[]): Promise<Map<string, number>> {
      const records = await apiKeys.endsOf(ids)
      return new Map(records.map(({ id, expires_at }) => [id, expires_at.getTime()]))
    },

    /** Tells the shared state again what was revoked of late, since it may have lost it. Throws DatabaseUnavailableError. */
    async rewarm(): Promise<void> {
      await refuse(await apiKeys.revokedSince(new Date(now().getTime() - REFUSED_MS)), 'revoked')
    },

    /** Deletes keys that ended long ago. */
    purge: (): Promise<void> => apiKeys.deleteEnded(new Date(now().getTime() - KEPT_MS)),
  }
}
