import type { AuditEventsRepository, NewAuditEvent } from '../repositories/audit-events.ts'
import type { Database, Transaction } from '../repositories/database.ts'
import type { AuditAction } from '../schemas/audit.ts'
import { chained, GENESIS } from './audit/chain.ts'
import { createFolding } from './audit/folding.ts'
import { type Actor, type Origins, SYSTEM } from './audit/origin.ts'
import type { SecurityLog, SecurityOutcome } from './security-log.ts'

/** Something that somebody may have to answer for. Ids and digests only: the row outlives what it is about. */
export interface Act {
  action: AuditAction
  outcome: SecurityOutcome
  /** Whom or what it is about: an id or a digest. */
  subject: string
  roomId?: string
  /** Absent: whoever sent the request, or the server itself where there is none. */
  actor?: Actor
  details?: Readonly<Record<string, string | number | boolean | null | readonly string[]>>
}

/** Notes an act, to be written when the transaction's own work is done. */
export type RecordAct = (act: Act) => void

export interface AuditOptions {
  database: Pick<Database, 'transaction'>
  auditEvents: Pick<AuditEventsRepository, 'lockHead' | 'insert'>
  securityLog: SecurityLog
  origins: Pick<Origins, 'current'>
  /** Stands for a group of addresses in rows that nobody can erase. */
  digestAddress: (group: string) => string
  log: { error(fields: object, message: string): void }
  now: () => Date
}

export type Audit = ReturnType<typeof createAudit>

/** Writes what happened into the append-only, chained trail, and as a line of the log. */
export function createAudit(options: AuditOptions) {
  const { database, auditEvents, securityLog, origins, digestAddress, log, now } = options
  const folding = createFolding({ now })

  function eventOf({ action, outcome, subject, roomId, actor, details }: Act): NewAuditEvent {
    const origin = origins.current()
    const who = actor ?? origin?.actor ?? SYSTEM
    return {
      at: now(),
      ...{ action, outcome, subject },
      ...{ actor_kind: who.kind, actor_id: who.id },
      room_id: roomId ?? null,
      address: origin ? digestAddress(origin.address) : null,
      request_id: origin?.requestId ?? null,
      details: details ?? {},
    }
  }

  function tell({ action, outcome, subject, roomId, details }: Act): void {
    const requestId = origins.current()?.requestId
    const place = { ...(roomId ? { room_id: roomId } : {}), ...(requestId ? { request_id: requestId } : {}) }
    securityLog(action, outcome, subject, { ...details, ...place })
  }

  async function append(events: readonly NewAuditEvent[], tx: Transaction): Promise<void> {
    if (events.length === 0) return
    await auditEvents.insert(chained((await auditEvents.lockHead(tx)) ?? GENESIS, events), tx)
  }

  /**
   * Runs work in a transaction, with the acts that it records as its last statements: all of it happens, or none. Nobody waits for the
   * chain while rows are being locked. The log's lines come after the commit.
   */
  async function transaction<T>(work: (tx: Transaction, record: RecordAct) => Promise<T>): Promise<T> {
    const acts: Act[] = []
    const result = await database.transaction(async (tx) => {
      const events: NewAuditEvent[] = []
      const result = await work(tx, (act) => {
        acts.push(act)
        events.push(eventOf(act))
      })
      await append(events, tx)
      return result
    })
    acts.forEach(tell)
    return result
  }

  const keyOf = ({ action, outcome, subject, roomId, details }: Act) => {
    const { actor_kind, actor_id, address } = eventOf({ action, outcome, subject })
    return JSON.stringify([action, outcome, subject, roomId, details, actor_kind, actor_id, address])
  }

  return {
    transaction,

    /** An act that has no transaction of its own. Throws when it cannot be written: it must not have happened then. */
    record: (act: Act): Promise<void> => transaction(async (_tx, record) => record(act)),

    /** The same, once in a minute for what somebody repeats, such as reading. */
    async recordOnce(act: Act): Promise<void> {
      const key = keyOf(act)
      if (!folding.admit(key)) return tell(act)
      await transaction(async (_tx, record) => record(act)).catch((error: unknown) => {
        folding.forget(key)
        throw error
      })
    },

    /**
     * A refusal or a failure: it is answered as it is, whether it can be written or not. Repeats within a minute, and what is too much for
     * a minute, are lines of the log alone; how many there were is said in the next row.
     */
    async note(act: Act): Promise<void> {
      tell(act)
      const folded = folding.admit(keyOf(act))
      if (!folded) return
      const { repeated, dropped } = folded
      const details = { ...act.details, ...(repeated > 0 ? { repeated } : {}) }
      const events = [eventOf({ ...act, details })]
      if (dropped > 0)
        events.push({
          ...eventOf({ action: 'refusals_dropped', outcome: 'success', subject: 'audit', actor: SYSTEM }),
          ...{ address: null, request_id: null, details: { dropped } },
        })
      await database
        .transaction((tx) => append(events, tx))
        .catch((err: unknown) =>
          log.error({ err, action: act.action }, 'a refusal could not be written into the audit trail'),
        )
    },
  }
}
