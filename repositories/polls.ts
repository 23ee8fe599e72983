import { and, asc, count, desc, eq, inArray, or } from 'drizzle-orm'
import type { Database, Transaction } from './database.ts'
import { polls, rooms } from './schema.ts'

export type PollStatus = 'draft' | 'open' | 'closing' | 'closed'
export type PollResults = 'live' | 'on_close' | 'hosts'
export interface PollOption {
  readonly id: string
  readonly text: string
}

type Row = typeof polls.$inferSelect
export type PollRecord = Omit<Row, 'options' | 'results' | 'status'> & {
  options: readonly PollOption[]
  results: PollResults
  status: PollStatus
}
/** Throws when it is both `anonymous` and `changeable`. */
export type NewPoll = Omit<PollRecord, 'status' | 'opened_at' | 'closed_at'>
/** What of a poll may be changed while nobody can vote. */
export type PollContent = Pick<
  PollRecord,
  'question' | 'language' | 'options' | 'multiple' | 'anonymous' | 'changeable' | 'results'
>
/** What counting needs. */
export type CountedPoll = Pick<PollRecord, 'id' | 'room_id' | 'options' | 'multiple' | 'anonymous' | 'changeable'>

export type PollsRepository = ReturnType<typeof createPollsRepository>

const recordOf = (row: Row): PollRecord => row as PollRecord
const isDraft = (id: string) => and(eq(polls.id, id), eq(polls.status, 'draft' satisfies PollStatus))

/** The questions to meetings. Every method runs in `tx` when one is given. */
export function createPollsRepository(db: Database) {
  return {
    /** Adds a draft. */
    async insert(poll: NewPoll, tx?: Transaction): Promise<PollRecord> {
      const [row] = await (tx ?? db)
        .insert(polls)
        .values({ ...poll, status: 'draft' satisfies PollStatus })
        .returning()
      if (!row) throw new Error('the inserted poll did not come back')
      return recordOf(row)
    },

    async find(id: string, tx?: Transaction): Promise<PollRecord | null> {
      const [row] = await (tx ?? db).select().from(polls).where(eq(polls.id, id))
      return row ? recordOf(row) : null
    },

    /** A room's polls, newest first; only those of some statuses when these are given. */
    async ofRoom(
      roomId: string,
      { limit, offset, statuses }: { limit: number; offset: number; statuses?: readonly PollStatus[] | undefined },
      tx?: Transaction,
    ): Promise<{ polls: PollRecord[]; total: number }> {
      const source = tx ?? db
      const where = and(eq(polls.room_id, roomId), statuses ? inArray(polls.status, [...statuses]) : undefined)
      const rows = await source
        .select()
        .from(polls)
        .where(where)
        .orderBy(desc(polls.created_at), asc(polls.id))
        .limit(limit)
        .offset(offset)
      const [counted] = await source.select({ total: count() }).from(polls).where(where)
      return { polls: rows.map(recordOf), total: counted?.total ?? 0 }
    },

    /** Every poll of a status, over all rooms: what a process finishes that others began. At most `limit`. */
    async withStatus(status: PollStatus, limit: number, tx?: Transaction): Promise<PollRecord[]> {
      const rows = await (tx ?? db).select().from(polls).where(eq(polls.status, status)).limit(limit)
      return rows.map(recordOf)
    },

    /** What was left in the middle, with the codes of the rooms: polls that are closing, or open in rooms that have ended. */
    async unfinished(limit: number, tx?: Transaction): Promise<{ poll: PollRecord; roomCode: string }[]> {
      const isClosing = eq(polls.status, 'closing' satisfies PollStatus)
      const isLeftOpen = and(eq(polls.status, 'open' satisfies PollStatus), eq(rooms.status, 'ended'))
      const rows = await (tx ?? db)
        .select({ poll: polls, roomCode: rooms.room_code })
        .from(polls)
        .innerJoin(rooms, eq(rooms.id, polls.room_id))
        .where(or(isClosing, isLeftOpen))
        .limit(limit)
      return rows.map(({ poll, roomCode }) => ({ poll: recordOf(poll), roomCode }))
    },

    /** Changes a draft; null when it is none any more, or gone. */
    async updateDraft(id: string, content: Partial<PollContent>, tx?: Transaction): Promise<PollRecord | null> {
      const [row] = await (tx ?? db).update(polls).set(content).where(isDraft(id)).returning()
      return row ? recordOf(row) : null
    },

    /** From one status to the next at a time; null when it did not have that status. */
    async setStatus(
      id: string,
      { from, to, at }: { from: PollStatus; to: PollStatus; at: Date },
      tx?: Transaction,
    ): Promise<PollRecord | null> {
      const stamp = to === 'open' ? { opened_at: at } : to === 'closed' ? { closed_at: at } : {}
      const [row] = await (tx ?? db)
        .update(polls)
        .set({ status: to, ...stamp })
        .where(and(eq(polls.id, id), eq(polls.status, from)))
        .returning()
      return row ? recordOf(row) : null
    },

    /** Deletes the poll with its votes; whether it was there. */
    async remove(id: string, tx?: Transaction): Promise<boolean> {
      return (await (tx ?? db).delete(polls).where(eq(polls.id, id)).returning({ id: polls.id })).length > 0
    },

    /**
     * Keeps polls from being deleted until the transaction is over; those that are gone are missing. `key share`, in one order for
     * everybody: it waits for deletions and for nothing else.
     */
    async hold(ids: readonly string[], tx: Transaction): Promise<CountedPoll[]> {
      if (ids.length === 0) return []
      const { id, room_id, options, multiple, anonymous, changeable } = polls
      const rows = await tx
        .select({ id, room_id, options, multiple, anonymous, changeable })
        .from(polls)
        .where(inArray(polls.id, [...ids]))
        .orderBy(asc(polls.id))
        .for('key share')
      return rows as CountedPoll[]
    },
  }
}
