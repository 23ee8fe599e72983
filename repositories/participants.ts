import { and, asc, eq, gte, inArray } from 'drizzle-orm'
import type { Database, Transaction } from './database.ts'
import { participants } from './schema.ts'

export type ParticipantRecord = typeof participants.$inferSelect
export type NewParticipant = typeof participants.$inferInsert

export type ParticipantsRepository = ReturnType<typeof createParticipantsRepository>

/** Who takes, or took, part in a room. Every method runs in `tx` when one is given. */
export function createParticipantsRepository(db: Database) {
  return {
    /** Writes a participant as joined, whether it is new or comes back; one row per participant, whoever writes at once. */
    async join(participant: NewParticipant, tx?: Transaction): Promise<ParticipantRecord> {
      const { display_name, role, speaking_language, listening_language, joined_at } = participant
      const [record] = await (tx ?? db)
        .insert(participants)
        .values({ ...participant, status: 'joined', left_at: null })
        .onConflictDoUpdate({
          target: participants.id,
          set: {
            display_name,
            role,
            speaking_language,
            listening_language,
            joined_at,
            status: 'joined',
            left_at: null,
          },
        })
        .returning()
      if (!record) throw new Error('the joined participant did not come back')
      return record
    },

    async find(roomId: string, id: string, tx?: Transaction): Promise<ParticipantRecord | null> {
      const [record] = await (tx ?? db)
        .select()
        .from(participants)
        .where(and(eq(participants.room_id, roomId), eq(participants.id, id)))
      return record ?? null
    },

    async findByUser(roomId: string, userId: string, tx?: Transaction): Promise<ParticipantRecord | null> {
      const [record] = await (tx ?? db)
        .select()
        .from(participants)
        .where(and(eq(participants.room_id, roomId), eq(participants.user_id, userId)))
      return record ?? null
    },

    /** The joined ones among `ids`, in the order in which they joined. */
    async joinedAmong(roomId: string, ids: readonly string[], tx?: Transaction): Promise<ParticipantRecord[]> {
      if (ids.length === 0) return []
      return (tx ?? db)
        .select()
        .from(participants)
        .where(
          and(eq(participants.room_id, roomId), inArray(participants.id, [...ids]), eq(participants.status, 'joined')),
        )
        .orderBy(asc(participants.joined_at), asc(participants.id))
    },

    /** Ids of the guests whom the end of the room at `endedAt` put out: their tokens may still be alive. */
    async guestsPutOut(roomId: string, endedAt: Date, tx?: Transaction): Promise<string[]> {
      const rows = await (tx ?? db)
        .select({ id: participants.id })
        .from(participants)
        .where(
          and(eq(participants.room_id, roomId), eq(participants.role, 'guest'), gte(participants.left_at, endedAt)),
        )
      return rows.map(({ id }) => id)
    },

    /** Where a user is in now. */
    async joinedOfUser(userId: string, tx?: Transaction): Promise<ParticipantRecord[]> {
      return (tx ?? db)
        .select()
        .from(participants)
        .where(and(eq(participants.user_id, userId), eq(participants.status, 'joined')))
    },

    async setLanguages(
      id: string,
      languages: { speaking_language?: string; listening_language?: string },
      tx?: Transaction,
    ): Promise<ParticipantRecord | null> {
      const [record] = await (tx ?? db).update(participants).set(languages).where(eq(participants.id, id)).returning()
      return record ?? null
    },

    /** The participant leaves; null when it had left before. */
    async leave(id: string, at: Date, tx?: Transaction): Promise<ParticipantRecord | null> {
      const [record] = await (tx ?? db)
        .update(participants)
        .set({ status: 'left', left_at: at })
        .where(and(eq(participants.id, id), eq(participants.status, 'joined')))
        .returning()
      return record ?? null
    },

    /** Everyone still in the room leaves. */
    async leaveAll(roomId: string, at: Date, tx?: Transaction): Promise<void> {
      await (tx ?? db)
        .update(participants)
        .set({ status: 'left', left_at: at })
        .where(and(eq(participants.room_id, roomId), eq(participants.status, 'joined')))
    },

    /** Takes the user's name out of every room; the rows stay, so that others' meetings stay whole. */
    async anonymise(userId: string, displayName: string, tx?: Transaction): Promise<void> {
      await (tx ?? db)
        .update(participants)
        .set({ display_name: displayName, user_id: null })
        .where(eq(participants.user_id, userId))
    },
  }
}
