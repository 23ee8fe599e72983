import { and, asc, desc, eq, gt, gte, inArray, lt, lte, type SQL, sql } from 'drizzle-orm'
import type { Database, Transaction } from './database.ts'
import { auditEvents } from './schema.ts'

export type AuditRecord = typeof auditEvents.$inferSelect
export type NewAuditEvent = Omit<AuditRecord, 'seq' | 'prev_hash' | 'hash'>

/** The last row of the chain. */
export interface ChainHead {
  readonly seq: number
  readonly hash: string
}

export interface AuditFilter {
  action?: string | undefined
  outcome?: string | undefined
  actorId?: string | undefined
  subject?: string | undefined
  roomId?: string | undefined
  /** Any of these digests. */
  addresses?: readonly string[] | undefined
  from?: Date | undefined
  /** Before this moment. */
  to?: Date | undefined
}

/** Any number, the same in every process: whoever holds it appends. */
const CHAIN_LOCK = 7_301_443

export type AuditEventsRepository = ReturnType<typeof createAuditEventsRepository>

/** The audit trail: rows are appended and read, never changed. */
export function createAuditEventsRepository(db: Database) {
  const { seq, hash } = auditEvents

  /** Null before the first row. */
  async function head(tx?: Transaction): Promise<ChainHead | null> {
    const [row] = await (tx ?? db).select({ seq, hash }).from(auditEvents).orderBy(desc(seq)).limit(1)
    return row ?? null
  }

  return {
    head,

    /**
     * Keeps everybody else from appending until the transaction is over; the head as it is then. Call it last: no other lock is taken by
     * whoever holds this one, so that nobody waits in a circle.
     */
    async lockHead(tx: Transaction): Promise<ChainHead | null> {
      await tx.execute(sql`select pg_advisory_xact_lock(${CHAIN_LOCK})`)
      // A statement of its own: it sees what was committed while the lock was waited for.
      return head(tx)
    },

    /** Appends rows that are chained to the head. */
    async insert(rows: readonly AuditRecord[], tx: Transaction): Promise<void> {
      await tx.insert(auditEvents).values([...rows])
    },

    /** Newest first, older than `before`. */
    newest(filter: AuditFilter, page: { before?: number | undefined; limit: number }): Promise<AuditRecord[]> {
      const older = page.before === undefined ? undefined : lt(seq, page.before)
      return db
        .select()
        .from(auditEvents)
        .where(and(conditionOf(filter), older))
        .orderBy(desc(seq))
        .limit(page.limit)
    },

    /** Oldest first, from behind `after` up to `upTo`. */
    oldest(filter: AuditFilter, page: { after: number; upTo: number; limit: number }): Promise<AuditRecord[]> {
      return db
        .select()
        .from(auditEvents)
        .where(and(conditionOf(filter), gt(seq, page.after), lte(seq, page.upTo)))
        .orderBy(asc(seq))
        .limit(page.limit)
    },

    /** How many there are, counted no further than `most`. */
    async count(filter: AuditFilter, { upTo, most }: { upTo: number; most: number }): Promise<number> {
      const found = db
        .select({ seq })
        .from(auditEvents)
        .where(and(conditionOf(filter), lte(seq, upTo)))
        .limit(most)
        .as('found')
      const [row] = await db.select({ total: sql<number>`count(*)::int` }).from(found)
      return row?.total ?? 0
    },

    /** The rows behind a place of the chain, in order. `is_whole`: the time has no more digits than are hashed. */
    chain(after: number, limit: number): Promise<{ row: AuditRecord; is_whole: boolean }[]> {
      const is_whole = sql<boolean>`date_trunc('milliseconds', ${auditEvents.at}) = ${auditEvents.at}`
      return db
        .select({ row: auditEvents, is_whole })
        .from(auditEvents)
        .where(gt(seq, after))
        .orderBy(asc(seq))
        .limit(limit)
    },

    /** Null when there is no such row. */
    async hashAt(place: number): Promise<string | null> {
      const [row] = await db.select({ hash }).from(auditEvents).where(eq(seq, place))
      return row?.hash ?? null
    },
  }
}

function conditionOf(filter: AuditFilter): SQL | undefined {
  const { action, outcome, actorId, subject, roomId, addresses, from, to } = filter
  return and(
    action === undefined ? undefined : eq(auditEvents.action, action),
    outcome === undefined ? undefined : eq(auditEvents.outcome, outcome),
    actorId === undefined ? undefined : eq(auditEvents.actor_id, actorId),
    subject === undefined ? undefined : eq(auditEvents.subject, subject),
    roomId === undefined ? undefined : eq(auditEvents.room_id, roomId),
    addresses === undefined ? undefined : inArray(auditEvents.address, [...addresses]),
    from === undefined ? undefined : gte(auditEvents.at, from),
    to === undefined ? undefined : lt(auditEvents.at, to),
  )
}
