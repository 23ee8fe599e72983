import { createHash } from 'node:crypto'
import type { AuditRecord, ChainHead, NewAuditEvent } from '../../repositories/audit-events.ts'

/** What the first row is chained to. */
export const GENESIS: ChainHead = { seq: 0, hash: 'A'.repeat(43) }

/**
 * JSON in the one form that is hashed: no blanks, the keys of every object in the order of their UTF-16 code units, what is undefined left
 * out. The database keeps the keys of `details` in an order of its own.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join(',')}}`
}

/** The hash of a row: SHA-256, base64url, over the canonical JSON of every other column, `at` in ISO with milliseconds, in UTC. */
export function hashOf(row: Omit<AuditRecord, 'hash'>): string {
  const { seq, action, outcome, actor_kind, actor_id, subject, room_id, address, request_id, details, prev_hash } = row
  const at = row.at.toISOString()
  const whole = { seq, at, action, outcome, actor_kind, actor_id, subject, room_id, address, request_id, details }
  return createHash('sha256')
    .update(canonicalJson({ ...whole, prev_hash }))
    .digest('base64url')
}

/** The rows of events that follow a head, each chained to the one before. */
export function chained(head: ChainHead, events: readonly NewAuditEvent[]): AuditRecord[] {
  let before = head
  return events.map((event) => {
    const row = { ...event, seq: before.seq + 1, prev_hash: before.hash }
    const record = { ...row, hash: hashOf(row) }
    before = record
    return record
  })
}
