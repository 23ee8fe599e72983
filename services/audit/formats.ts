import type { AuditEvent, AuditFormat } from '../../schemas/audit.ts'
import { csvLine } from '../csv.ts'

interface Format {
  contentType: string
  head: (isAdmin: boolean) => string
  /** Rows, the first of which is the `index`th of all. */
  rows: (events: readonly AuditEvent[], index: number, isAdmin: boolean) => string
  tail: string
}

const COLUMNS = [
  ...['seq', 'at', 'action', 'outcome', 'actor_kind', 'actor_id', 'subject', 'room_id', 'request_id', 'details'],
] as (keyof AuditEvent)[]
const ADMIN_COLUMNS: (keyof AuditEvent)[] = [...COLUMNS, 'address', 'prev_hash', 'hash']
const columnsFor = (isAdmin: boolean) => (isAdmin ? ADMIN_COLUMNS : COLUMNS)

function cellOf(value: AuditEvent[keyof AuditEvent]): string | number {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : value
}

/** The trail as a file, in pieces. CSV never has a cell that is a formula, so hashes in it may have an apostrophe before them. */
export const AUDIT_FORMATS: Readonly<Record<AuditFormat, Format>> = {
  json: {
    contentType: 'application/json; charset=utf-8',
    head: () => '{"events":[',
    rows: (events, index) =>
      events.map((event, i) => `${index + i > 0 ? ',\n' : '\n'}${JSON.stringify(event)}`).join(''),
    tail: '\n],"next_cursor":null}\n',
  },
  ndjson: {
    contentType: 'application/x-ndjson; charset=utf-8',
    head: () => '',
    rows: (events) => events.map((event) => `${JSON.stringify(event)}\n`).join(''),
    tail: '',
  },
  csv: {
    contentType: 'text/csv; charset=utf-8',
    head: (isAdmin) => csvLine(columnsFor(isAdmin)),
    rows: (events, _index, isAdmin) =>
      events.map((event) => csvLine(columnsFor(isAdmin).map((name) => cellOf(event[name])))).join(''),
    tail: '',
  },
}
