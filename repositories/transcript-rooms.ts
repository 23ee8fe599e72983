import { and, asc, eq, gt, inArray, sql } from 'drizzle-orm'
import type { Database, Transaction } from './database.ts'
import { captions, participants, rooms } from './schema.ts'

/** What a room says about keeping its captions. */
export type TranscriptRoom = Pick<
  typeof rooms.$inferSelect,
  'id' | 'enable_transcription' | 'retention_days' | 'deleted_words'
>
export type Speaker = Pick<typeof participants.$inferSelect, 'id' | 'user_id' | 'role'>

const ROOM = {
  id: rooms.id,
  enable_transcription: rooms.enable_transcription,
  retention_days: rooms.retention_days,
  deleted_words: rooms.deleted_words,
}

export type TranscriptRoomsRepository = ReturnType<typeof createTranscriptRoomsRepository>

/** Rooms and speakers as far as their captions need them. */
export function createTranscriptRoomsRepository(db: Database) {
  return {
    /** Keeps the room from being deleted until the transaction is over; null when it is gone. */
    async hold(roomId: string, tx: Transaction): Promise<TranscriptRoom | null> {
      const [room] = await tx.select(ROOM).from(rooms).where(eq(rooms.id, roomId)).for('key share')
      return room ?? null
    },

    /**
     * Those of the room's participants, each kept from losing its user until the transaction is over. `key share` waits for that and for
     * nothing else, so that no order of locks can end in a deadlock with those who end rooms and leave them.
     */
    async holdSpeakers(roomId: string, ids: readonly string[], tx: Transaction): Promise<Speaker[]> {
      if (ids.length === 0) return []
      return tx
        .select({ id: participants.id, user_id: participants.user_id, role: participants.role })
        .from(participants)
        .where(and(eq(participants.room_id, roomId), inArray(participants.id, [...ids])))
        .orderBy(asc(participants.id))
        .for('key share')
    },

    /** A user's participations, with what their rooms do with the words of the deleted. In a transaction nobody writes more of them until it is over. */
    async participationsOf(userId: string, tx?: Transaction): Promise<{ id: string; deleted_words: string }[]> {
      const query = (tx ?? db)
        .select({ id: participants.id, deleted_words: rooms.deleted_words })
        .from(participants)
        .innerJoin(rooms, eq(rooms.id, participants.room_id))
        .where(eq(participants.user_id, userId))
        .orderBy(asc(participants.id))
      return tx ? query.for('update', { of: participants }) : query
    },

    /** Codes and names of rooms, by id. */
    async named(ids: readonly string[], tx?: Transaction): Promise<Map<string, { room_code: string; name: string }>> {
      if (ids.length === 0) return new Map()
      const found = await (tx ?? db)
        .select({ id: rooms.id, room_code: rooms.room_code, name: rooms.name })
        .from(rooms)
        .where(inArray(rooms.id, [...ids]))
      return new Map(found.map(({ id, ...room }) => [id, room]))
    },

    /**
     * Looks at `limit` rooms after an id: those that have captions older than they keep them, and from where to go on; null at the end.
     */
    async overdue(
      afterId: string | null,
      now: Date,
      limit: number,
      tx?: Transaction,
    ): Promise<{ rooms: TranscriptRoom[]; next: string | null }> {
      const source = tx ?? db
      const before = sql`${now.toISOString()}::timestamptz - make_interval(days => ${rooms.retention_days})`
      const looked = await source
        .select({
          ...ROOM,
          overdue: sql<boolean>`exists (select 1 from ${captions} where ${captions.room_id} = ${rooms.id} and ${captions.at} < ${before})`,
        })
        .from(rooms)
        .where(afterId ? gt(rooms.id, afterId) : undefined)
        .orderBy(asc(rooms.id))
        .limit(limit)
      return {
        rooms: looked.filter(({ overdue }) => overdue),
        next: looked.length === limit ? (looked.at(-1)?.id ?? null) : null,
      }
    },
  }
}
