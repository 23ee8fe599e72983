import {
  and,
  asc,
  count,
  desc,
  eq,
  exists,
  inArray,
  isNotNull,
  isNull,
  lt,
  lte,
  ne,
  or,
  type SQL,
  sql,
} from 'drizzle-orm'
import type { Database, Transaction } from './database.ts'
import { participants, rooms } from './schema.ts'

export type RoomRecord = typeof rooms.$inferSelect
export type NewRoom = typeof rooms.$inferInsert
export type RoomSettings = Pick<
  RoomRecord,
  'lock_room' | 'enable_transcription' | 'max_participants' | 'allow_guests' | 'retention_days' | 'deleted_words'
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

    /** Keeps others from entering, kicking and inviting until the transaction is over. Null when the room is gone. */
    async lock(id: string, tx: Transaction): Promise<RoomRecord | null> {
      const [record] = await tx.select().from(rooms).where(eq(rooms.id, id)).for('no key update')
      return record ?? null
    },

    /**
     * Ends the room; null when it had ended before, or is gone. With `hostSeenAt` it ends only if its host was not seen since, nor
     * another one became host.
     */
    async end(id: string, at: Date, tx?: Transaction, hostSeenAt?: Date): Promise<RoomRecord | null> {
      const unseen = hostSeenAt ? eq(rooms.host_seen_at, hostSeenAt) : undefined
      const [record] = await (tx ?? db)
        .update(rooms)
        .set({ status: 'ended', ended_at: at })
        .where(and(eq(rooms.id, id), ne(rooms.status, 'ended'), unseen))
        .returning()
      return record ?? null
    },

    /** Remembers that the host is in the room, if it is among those present; at most once in `everyMs`. */
    async hostSeen(
      id: string,
      presentIds: readonly string[],
      at: Date,
      everyMs: number,
      tx?: Transaction,
    ): Promise<void> {
      if (presentIds.length === 0) return
      const source = tx ?? db
      const isPresent = exists(
        source
          .select({ one: sql`1` })
          .from(participants)
          .where(
            and(
              eq(participants.room_id, rooms.id),
              eq(participants.user_id, rooms.host_user_id),
              eq(participants.status, 'joined'),
              inArray(participants.id, [...presentIds]),
            ),
          ),
      )
      const isDue = or(isNull(rooms.host_seen_at), lte(rooms.host_seen_at, new Date(at.getTime() - everyMs)))
      await source
        .update(rooms)
        .set({ host_seen_at: at })
        .where(and(eq(rooms.id, id), eq(rooms.status, 'active'), isDue, isPresent))
    },

    /** Active rooms whose host was there once and was not seen since `before`, longest away first. */
    async hostAway(before: Date, limit: number, tx?: Transaction): Promise<RoomRecord[]> {
      return (tx ?? db)
        .select()
        .from(rooms)
        .where(and(eq(rooms.status, 'active'), lt(rooms.host_seen_at, before)))
        .orderBy(asc(rooms.host_seen_at))
        .limit(limit)
    },

    /** Gives the room to another host, unless its own was seen since `room` was read; null then. */
    async passOn(room: RoomRecord, userId: string, at: Date, tx?: Transaction): Promise<RoomRecord | null> {
      if (!room.host_seen_at) return null
      const [record] = await (tx ?? db)
        .update(rooms)
        .set({ host_user_id: userId, host_seen_at: at })
        .where(
          and(
            eq(rooms.id, room.id),
            eq(rooms.status, 'active'),
            eq(rooms.host_user_id, room.host_user_id),
            eq(rooms.host_seen_at, room.host_seen_at),
          ),
        )
        .returning()
      return record ?? null
    },

    /** Removes the room with everything in it; whether it was there. */
    async remove(id: string, tx?: Transaction): Promise<boolean> {
      return (await (tx ?? db).delete(rooms).where(eq(rooms.id, id)).returning({ id: rooms.id })).length > 0
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
      // Whoever only waited at the door was not in; whoever was kicked may not know of the room any more.
      const wasInside = or(
        eq(participants.status, 'joined'),
        and(isNotNull(participants.left_at), ne(participants.status, 'kicked')),
      )
      const takenPart = exists(source.select({ one: sql`1` }).from(participants).where(and(participation, wasInside)))
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
