import { and, count, desc, eq, exists, ne, or, type SQL, sql } from 'drizzle-orm'
import type { Database, Transaction } from './database.ts'
import { participants, rooms } from './schema.ts'

export type RoomRecord = typeof rooms.$inferSelect
export type NewRoom = typeof rooms.$inferInsert
export type RoomSettings = Pick<
  RoomRecord,
  'lock_room' | 'enable_transcription' | 'max_participants' | 'allow_guests' | 'retention_days'
>

export interface RoomsOfUser {
  userId: string
  /** `host`: rooms the user made; `participant`: others the user took part in; absent: both. */
  role?: 'host' | 'participant' | undefined
  limit: number
  offset: number
}

/** A room with what the user was in it. */
export interface RoomOfUser {
  room: RoomRecord
  role: string
}

export type RoomsRepository = ReturnType<typeof createRoomsRepository>

/** Rooms, by id and by their unguessable code. Every method runs in `tx` when one is given. */
export function createRoomsRepository(db: Database) {
  return {
    async insert(room: NewRoom, tx?: Transaction): Promise<RoomRecord> {
      const [record] = await (tx ?? db).insert(rooms).values(room).returning()
      if (!record) throw new Error('the inserted room did not come back')
      return record
    },

    async findByCode(roomCode: string, tx?: Transaction): Promise<RoomRecord | null> {
      const [record] = await (tx ?? db).select().from(rooms).where(eq(rooms.room_code, roomCode))
      return record ?? null
    },

    async findById(id: string, tx?: Transaction): Promise<RoomRecord | null> {
      const [record] = await (tx ?? db).select().from(rooms).where(eq(rooms.id, id))
      return record ?? null
    },

    /**
     * Opens a scheduled room and keeps it from ending until the transaction is over. Null when it is gone.
     * The update comes before the shared lock, so that two that open one room wait for each other and cannot deadlock.
     */
    async openForEntry(id: string, tx: Transaction): Promise<RoomRecord | null> {
      await tx
        .update(rooms)
        .set({ status: 'active' })
        .where(and(eq(rooms.id, id), eq(rooms.status, 'scheduled')))
      const [record] = await tx.select().from(rooms).where(eq(rooms.id, id)).for('share')
      return record ?? null
    },

    /** Changes some settings of a room that has not ended; null when it has, or is gone. */
    async updateSettings(id: string, settings: Partial<RoomSettings>, tx?: Transaction): Promise<RoomRecord | null> {
      const [record] = await (tx ?? db)
        .update(rooms)
        .set(settings)
        .where(and(eq(rooms.id, id), ne(rooms.status, 'ended')))
        .returning()
      return record ?? null
    },

    /** Ends the room; null when it had ended before, or is gone. */
    async end(id: string, at: Date, tx?: Transaction): Promise<RoomRecord | null> {
      const [record] = await (tx ?? db)
        .update(rooms)
        .set({ status: 'ended', ended_at: at })
        .where(and(eq(rooms.id, id), ne(rooms.status, 'ended')))
        .returning()
      return record ?? null
    },

    /** Removes the room with everything in it. */
    async remove(id: string, tx?: Transaction): Promise<void> {
      await (tx ?? db).delete(rooms).where(eq(rooms.id, id))
    },

    /** Rooms of a host that have not ended. */
    async openOfHost(userId: string, tx?: Transaction): Promise<RoomRecord[]> {
      return (tx ?? db)
        .select()
        .from(rooms)
        .where(and(eq(rooms.host_user_id, userId), ne(rooms.status, 'ended')))
    },

    /** One page of a user's rooms, newest first, and how many there are. */
    async ofUser(query: RoomsOfUser, tx?: Transaction): Promise<{ rooms: RoomOfUser[]; total: number }> {
      const source = tx ?? db
      const hosted = eq(rooms.host_user_id, query.userId)
      const participation = and(eq(participants.room_id, rooms.id), eq(participants.user_id, query.userId))
      const takenPart = exists(source.select({ one: sql`1` }).from(participants).where(participation))
      const wanted: Record<'host' | 'participant' | 'any', SQL | undefined> = {
        host: hosted,
        participant: and(ne(rooms.host_user_id, query.userId), takenPart),
        any: or(hosted, takenPart),
      }
      const where = wanted[query.role ?? 'any']
      const found = await source
        .select({ room: rooms, role: participants.role })
        .from(rooms)
        .leftJoin(participants, participation)
        .where(where)
        .orderBy(desc(rooms.created_at), desc(rooms.id))
        .limit(query.limit)
        .offset(query.offset)
      const [counted] = await source.select({ total: count() }).from(rooms).where(where)
      return {
        rooms: found.map(({ room, role }) => ({
          room,
          role: room.host_user_id === query.userId ? 'host' : (role ?? 'participant'),
        })),
        total: counted?.total ?? 0,
      }
    },
  }
}
