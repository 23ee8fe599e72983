import { and, count, eq, gt, isNull, lt, or } from 'drizzle-orm'
import type { Database, Transaction } from './database.ts'
import { invitations, mailJobs } from './schema.ts'

export type NewInvitation = typeof invitations.$inferInsert

export type InvitationsRepository = ReturnType<typeof createInvitationsRepository>

/** One-time ways into a room, by hash. Every method runs in `tx` when one is given. */
export function createInvitationsRepository(db: Database) {
  const usable = (tokenHash: string, roomId: string, now: Date) =>
    and(eq(invitations.token_hash, tokenHash), eq(invitations.room_id, roomId), gt(invitations.expires_at, now))

  /** Free, or redeemed by that participant before. */
  const freeFor = (participantId: string) =>
    or(isNull(invitations.redeemed_at), eq(invitations.participant_id, participantId))

  return {
    async insert(invitation: NewInvitation, tx?: Transaction): Promise<void> {
      await (tx ?? db).insert(invitations).values(invitation)
    },

    /** True when the participant could redeem it now. */
    async isGood(
      tokenHash: string,
      roomId: string,
      participantId: string,
      now: Date,
      tx?: Transaction,
    ): Promise<boolean> {
      const found = await (tx ?? db)
        .select({ room_id: invitations.room_id })
        .from(invitations)
        .where(and(usable(tokenHash, roomId, now), freeFor(participantId)))
      return found.length > 0
    },

    /** Uses an invitation up, for one participant only, however many try at the same time. False when it cannot be used. */
    async redeem(
      tokenHash: string,
      roomId: string,
      participantId: string,
      now: Date,
      tx?: Transaction,
    ): Promise<boolean> {
      const redeemed = await (tx ?? db)
        .update(invitations)
        .set({ redeemed_at: now, participant_id: participantId })
        .where(and(usable(tokenHash, roomId, now), freeFor(participantId)))
        .returning({ room_id: invitations.room_id })
      return redeemed.length > 0
    },

    /** How many mails of a room were promised or sent since then: to everybody, or to one address. */
    async countSince(roomId: string, since: Date, email?: string, tx?: Transaction): Promise<number> {
      const source = tx ?? db
      const [sent] = await source
        .select({ mails: count() })
        .from(invitations)
        .where(
          and(
            eq(invitations.room_id, roomId),
            gt(invitations.created_at, since),
            email === undefined ? undefined : eq(invitations.email, email),
          ),
        )
      const [promised] = await source
        .select({ mails: count() })
        .from(mailJobs)
        .where(and(eq(mailJobs.room_id, roomId), email === undefined ? undefined : eq(mailJobs.email, email)))
      return (sent?.mails ?? 0) + (promised?.mails ?? 0)
    },

    async remove(tokenHash: string, tx?: Transaction): Promise<void> {
      await (tx ?? db).delete(invitations).where(eq(invitations.token_hash, tokenHash))
    },

    /** Deletes what expired before a time. */
    async deleteExpired(before: Date, tx?: Transaction): Promise<void> {
      await (tx ?? db).delete(invitations).where(lt(invitations.expires_at, before))
    },
  }
}
