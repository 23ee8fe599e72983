import type { AuditRecord } from '../../repositories/audit-events.ts'
import type { AuditEvent } from '../../schemas/audit.ts'

/** A row as admins see it, with all that its hash is made of; for hosts without addresses, and so without the hash. */
export function toAuditEvent(row: AuditRecord, isAdmin: boolean): AuditEvent {
  const { seq, at, action, outcome, actor_kind, actor_id, subject, room_id, request_id, details } = row
  const event = {
    ...{ seq, at: at.toISOString(), action, outcome },
    ...{ actor_kind: actor_kind as AuditEvent['actor_kind'], actor_id, subject, room_id, request_id },
    details: details as AuditEvent['details'],
  }
  return isAdmin ? { ...event, address: row.address, prev_hash: row.prev_hash, hash: row.hash } : event
}
