import { and, asc, eq, getTableColumns, gte, inArray, lt, lte, ne, type SQL, sql } from 'drizzle-orm'
import type { Database, Transaction } from './database.ts'
import { captions, participants } from './schema.ts'

/** A translation made when it was said. */
export interface StoredText {
  readonly text: string
  readonly engine?: string
}

export type CaptionRecord = Omit<typeof captions.$inferSelect, 'texts'> & { texts: Record<string, StoredText> }
/** A row's place in its room, and in the order of what was said. */
export type CaptionPlace = Pick<CaptionRecord, 'at' | 'seq'>
/** What a revision replaces. */
export type CaptionRevision = Pick<CaptionRecord, 'revision' | 'language' | 'text' | 'texts'>

export interface CaptionsRange {
  roomId: string
  /** The first moment that counts. */
  from: Date
  /** The last one. */
  to: Date
}

export type CaptionsRepository = ReturnType<typeof createCaptionsRepository>

/** Rows of a room in the order of what was said, after a place. */
const afterPlace = ({ at, seq }: CaptionPlace): SQL =>
  sql`(${captions.at}, ${captions.seq}) > (${at.toISOString()}::timestamptz, ${seq}::bigint)`

/** Those that this version knows: a newer one may have added others, with defaults. */
const COLUMNS = sql.join(
  Object.values(getTableColumns(captions)).map(({ name }) => sql.identifier(name)),
  sql`, `,
)

const inRange = ({ roomId, from, to }: CaptionsRange) =>
  and(eq(captions.room_id, roomId), gte(captions.at, from), lte(captions.at, to))

/** What was said, one row a caption. Every method runs in `tx` when one is given. */
export function createCaptionsRepository(db: Database) {
  async function removeSome(where: SQL | undefined, limit: number, tx?: Transaction): Promise<number> {
    const source = tx ?? db
    const some = source.select({ place: sql`ctid` }).from(captions).where(where).limit(limit)
    const removed = await source.delete(captions).where(inArray(sql`ctid`, some)).returning({ seq: captions.seq })
    return removed.length
  }

  return {
    /** Adds captions; one that is there stays as it is. */
    async insert(records: readonly CaptionRecord[], tx?: Transaction): Promise<void> {
      if (records.length === 0) return
      // As one value, however many there are: a statement with a parameter for each field takes several times as long to make.
      await (tx ?? db).execute(sql`
        insert into ${captions} (${COLUMNS})
        select ${COLUMNS} from jsonb_populate_recordset(null::${captions}, ${JSON.stringify(records)}::jsonb)
        on conflict do nothing
      `)
    },

    /** The rows of captions that may have been revised, by speaker and caption id. */
    async ofSpeakers(
      roomId: string,
      { speakerIds, captionIds }: { speakerIds: readonly string[]; captionIds: readonly string[] },
      tx?: Transaction,
    ): Promise<CaptionRecord[]> {
      if (speakerIds.length === 0 || captionIds.length === 0) return []
      const rows = await (tx ?? db)
        .select()
        .from(captions)
        .where(
          and(
            eq(captions.room_id, roomId),
            inArray(captions.participant_id, [...speakerIds]),
            inArray(captions.caption_id, [...captionIds]),
          ),
        )
        .orderBy(asc(captions.at), asc(captions.seq))
      return rows as CaptionRecord[]
    },

    /** Puts a newer revision in the place of an older one. */
    async revise(
      roomId: string,
      { at, seq }: CaptionPlace,
      { revision, language, text, texts }: CaptionRevision,
      tx?: Transaction,
    ): Promise<void> {
      await (tx ?? db)
        .update(captions)
        .set({ revision, language, text, texts })
        .where(
          and(
            eq(captions.room_id, roomId),
            eq(captions.at, at),
            eq(captions.seq, seq),
            lt(captions.revision, revision),
          ),
        )
    },

    /** At most `limit` captions in the order in which they were said, after a place. */
    async page(
      range: CaptionsRange,
      after: CaptionPlace | null,
      limit: number,
      tx?: Transaction,
    ): Promise<CaptionRecord[]> {
      const rows = await (tx ?? db)
        .select()
        .from(captions)
        .where(and(inRange(range), after ? afterPlace(after) : undefined))
        .orderBy(asc(captions.at), asc(captions.seq))
        .limit(limit)
      return rows as CaptionRecord[]
    },

    /** How many captions have no text in a language (ISO 639-1), counted up to `max`. */
    async countWithout(range: CaptionsRange, language: string, max: number, tx?: Transaction): Promise<number> {
      const source = tx ?? db
      const lacking = source
        .select({ one: sql`1`.as('one') })
        .from(captions)
        .where(
          and(
            inRange(range),
            ne(sql`split_part(${captions.language}, '-', 1)`, language),
            sql`not jsonb_exists(${captions.texts}, ${language})`,
          ),
        )
        .limit(max)
        .as('lacking')
      const [counted] = await source.select({ count: sql<string>`count(*)` }).from(lacking)
      return Number(counted?.count ?? 0)
    },

    /** At most `limit` captions that a user said, room by room, after a place; with the room they were said in. */
    async ofUser(
      userId: string,
      after: (CaptionPlace & { room_id: string }) | null,
      limit: number,
      tx?: Transaction,
    ): Promise<CaptionRecord[]> {
      const following = after
        ? sql`(${captions.room_id}, ${captions.at}, ${captions.seq}) > (${after.room_id}::uuid, ${after.at.toISOString()}::timestamptz, ${after.seq}::bigint)`
        : undefined
      const rows = await (tx ?? db)
        .select({ caption: captions })
        .from(captions)
        .innerJoin(participants, eq(participants.id, captions.participant_id))
        .where(and(eq(participants.user_id, userId), following))
        .orderBy(asc(captions.room_id), asc(captions.at), asc(captions.seq))
        .limit(limit)
      return rows.map(({ caption }) => caption as CaptionRecord)
    },

    /** Writes another name over at most `limit` captions of a participant; how many. */
    async unname(participantId: string, name: string, limit: number, tx?: Transaction): Promise<number> {
      const source = tx ?? db
      const some = source
        .select({ place: sql`ctid` })
        .from(captions)
        .where(and(eq(captions.participant_id, participantId), ne(captions.speaker_name, name)))
        .limit(limit)
      const changed = await source
        .update(captions)
        .set({ speaker_name: name })
        .where(inArray(sql`ctid`, some))
        .returning({ seq: captions.seq })
      return changed.length
    },

    /** Erases at most `limit` captions of a participant; how many. */
    async removeOf(participantId: string, limit: number, tx?: Transaction): Promise<number> {
      return removeSome(eq(captions.participant_id, participantId), limit, tx)
    },

    /** Erases at most `limit` captions of a room that were said before a time; how many. */
    async removeBefore(roomId: string, before: Date, limit: number, tx?: Transaction): Promise<number> {
      return removeSome(and(eq(captions.room_id, roomId), lt(captions.at, before)), limit, tx)
    },
  }
}
