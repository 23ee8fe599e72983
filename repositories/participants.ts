import { and, asc, type Column, eq, gte, inArray, ne, or, type SQL, sql } from 'drizzle-orm'
import type { Database, Transaction } from './database.ts'
import { participants } from './schema.ts'

export type ParticipantRecord = typeof participants.$inferSelect
export type NewParticipant = typeof participants.$inferInsert

export type ParticipantState = Partial<Pick<ParticipantRecord, 'muted' | 'hand' | 'camera'>>

export type ParticipantsRepository = ReturnType<typeof createParticipantsRepository>

/** Who takes, or took, part in a room. Every method runs in `tx` when one is given. */
export function createParticipantsRepository(db: Database) {
  async function among(status: string, roomId: string, ids: readonly string[], tx?: Transaction) {
    if (ids.length === 0) return []
    return (tx ?? db)
      .select()
      .from(participants)
      .where(and(eq(participants.room_id, roomId), inArray(participants.id, [...ids]), eq(participants.status, status)))
      .orderBy(asc(participants.joined_at), asc(participants.id))
  }

  return {
    /**
     * Writes a participant as `joined` or `waiting`, whether it is new or comes back; one row per participant, whoever writes at once.
     * Whoever is inside stays inside, with its role and since when. Null, and nothing changed, for one that was kicked.
     */
    async join(participant: NewParticipant, tx?: Transaction): Promise<ParticipantRecord | null> {
      const { display_name, speaking_language, listening_language, address_digest } = participant
      const isInside = sql`${participants.status} = 'joined'`
      const unlessInside = (column: Column, value: SQL) => sql`case when ${isInside} then ${column} else ${value} end`
      const [record] = await (tx ?? db)
        .insert(participants)
        .values({ ...participant, left_at: null })
        .onConflictDoUpdate({
          target: participants.id,
          set: {
            display_name,
            speaking_language,
            listening_language,
            ...(address_digest === undefined ? {} : { address_digest }),
            role: sql`case when excluded.role = 'host' then 'host' else ${participants.role} end`,
            status: unlessInside(participants.status, sql`excluded.status`),
            joined_at: unlessInside(participants.joined_at, sql`excluded.joined_at`),
            left_at: sql`case when excluded.status = 'joined' then null else ${participants.left_at} end`,
            muted: unlessInside(participants.muted, sql`false`),
            hand: unlessInside(participants.hand, sql`false`),
            camera: unlessInside(participants.camera, sql`false`),
          },
          setWhere: ne(participants.status, 'kicked'),
        })
        .returning()
      return record ?? null
    },

    /** One who waits is inside from `at` on; null when it no longer waits. */
    async admit(id: string, at: Date, tx?: Transaction): Promise<ParticipantRecord | null> {
      const [record] = await (tx ?? db)
        .update(participants)
        .set({ status: 'joined', joined_at: at, left_at: null })
        .where(and(eq(participants.id, id), eq(participants.status, 'waiting')))
        .returning()
      return record ?? null
    },

    /** One who waits is sent away; null when it no longer waits. */
    async reject(id: string, tx?: Transaction): Promise<ParticipantRecord | null> {
      const [record] = await (tx ?? db)
        .update(participants)
        .set({ status: 'rejected' })
        .where(and(eq(participants.id, id), eq(participants.status, 'waiting')))
        .returning()
      return record ?? null
    },

    /** One who waits goes away: it is again what it was before it knocked. Null when it no longer waits. */
    async withdraw(id: string, tx?: Transaction): Promise<ParticipantRecord | null> {
      const [record] = await (tx ?? db)
        .update(participants)
        .set({ status: sql`case when ${participants.left_at} is null then 'withdrawn' else 'left' end` })
        .where(and(eq(participants.id, id), eq(participants.status, 'waiting')))
        .returning()
      return record ?? null
    },

    /** Keeps somebody out for good, and takes a co-host's rights; null when it was kicked before. */
    async kick(id: string, at: Date, tx?: Transaction): Promise<ParticipantRecord | null> {
      const [record] = await (tx ?? db)
        .update(participants)
        .set({
          status: 'kicked',
          role: sql`case when ${participants.role} = 'guest' then 'guest' else 'participant' end`,
          left_at: sql`case when ${participants.status} = 'joined' then ${at.toISOString()}::timestamptz else ${participants.left_at} end`,
        })
        .where(and(eq(participants.id, id), ne(participants.status, 'kicked')))
        .returning()
      return record ?? null
    },

    /** Names of those kicked out of a room who came from one of these address groups. */
    async kickedFrom(roomId: string, addressDigests: readonly string[], tx?: Transaction): Promise<string[]> {
      if (addressDigests.length === 0) return []
      const rows = await (tx ?? db)
        .selectDistinct({ name: participants.display_name })
        .from(participants)
        .where(
          and(
            eq(participants.room_id, roomId),
            eq(participants.status, 'kicked'),
            inArray(participants.address_digest, [...addressDigests]),
          ),
        )
      return rows.map(({ name }) => name)
    },

    /** Changes the role of one who is, or was, inside and has one of the roles `from`; null when it is neither. */
    async setRole(
      id: string,
      from: readonly string[],
      to: string,
      tx?: Transaction,
    ): Promise<ParticipantRecord | null> {
      const mayHaveIt = and(inArray(participants.role, [...from]), inArray(participants.status, ['joined', 'left']))
      const [record] = await (tx ?? db)
        .update(participants)
        .set({ role: to })
        .where(and(eq(participants.id, id), mayHaveIt))
        .returning()
      return record ?? null
    },

    /** Changes some of muted, hand and camera of one who is inside; null when it is not. */
    async setState(id: string, state: ParticipantState, tx?: Transaction): Promise<ParticipantRecord | null> {
      const [record] = await (tx ?? db)
        .update(participants)
        .set(state)
        .where(and(eq(participants.id, id), eq(participants.status, 'joined')))
        .returning()
      return record ?? null
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
    joinedAmong: (roomId: string, ids: readonly string[], tx?: Transaction): Promise<ParticipantRecord[]> =>
      among('joined', roomId, ids, tx),

    /** Who is inside, `max` of them at most: ids and, where they have one, accounts. */
    async inside(roomId: string, max: number, tx?: Transaction): Promise<Pick<ParticipantRecord, 'id' | 'user_id'>[]> {
      return (tx ?? db)
        .select({ id: participants.id, user_id: participants.user_id })
        .from(participants)
        .where(and(eq(participants.room_id, roomId), eq(participants.status, 'joined')))
        .limit(max)
    },

    /** Those among `ids` who wait, in the order in which they came. */
    waitingAmong: (roomId: string, ids: readonly string[], tx?: Transaction): Promise<ParticipantRecord[]> =>
      among('waiting', roomId, ids, tx),

    /** Ids of the guests whom the end of the room at `endedAt` put out, or left at the door: their tokens may still be alive. */
    async guestsPutOut(roomId: string, endedAt: Date, tx?: Transaction): Promise<string[]> {
      const rows = await (tx ?? db)
        .select({ id: participants.id })
        .from(participants)
        .where(
          and(
            eq(participants.room_id, roomId),
            eq(participants.role, 'guest'),
            or(gte(participants.left_at, endedAt), eq(participants.status, 'waiting')),
          ),
        )
      return rows.map(({ id }) => id)
    },

    /** Where a user is in, or waits to be let in, now. */
    async openOfUser(userId: string, tx?: Transaction): Promise<ParticipantRecord[]> {
      return (tx ?? db)
        .select()
        .from(participants)
        .where(and(eq(participants.user_id, userId), inArray(participants.status, ['joined', 'waiting'])))
    },

    async setLanguages(
      id: string,
      languages: { speaking_language?: string; listening_language?: string; spoken_output?: boolean },
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

    /** Everyone still in the room leaves. Where people came from is no longer needed: nobody can come back. */
    async leaveAll(roomId: string, at: Date, tx?: Transaction): Promise<void> {
      await (tx ?? db).update(participants).set({ address_digest: null }).where(eq(participants.room_id, roomId))
      await (tx ?? db)
        .update(participants)
        .set({ status: 'left', left_at: at })
        .where(and(eq(participants.room_id, roomId), eq(participants.status, 'joined')))
    },

    /** Takes the user's name out of every room; the rows stay, so that others' meetings stay whole. */
    async anonymise(userId: string, displayName: string, tx?: Transaction): Promise<void> {
      await (tx ?? db)
        .update(participants)
        .set({ display_name: displayName, user_id: null, address_digest: null })
        .where(eq(participants.user_id, userId))
    },
  }
}
