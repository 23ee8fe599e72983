import type { AuditPage } from '../../api/types.ts'

/** What of the trail is looked for, as the fields have it. */
export interface Search {
  action: string
  outcome: string
  actor_id: string
  subject: string
  room_code: string
  address: string
  /** Of a `datetime-local` field: the time of the reader. */
  from: string
  to: string
}

export const EVERYTHING: Search = {
  ...{ action: '', outcome: '', actor_id: '', subject: '' },
  ...{ room_code: '', address: '', from: '', to: '' },
}

/** The path of a page, or of a file with all that is found. */
export function pathOf(search: Search, more: { cursor?: AuditPage['next_cursor']; format?: string } = {}): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(search)) {
    const given = value.trim()
    if (given !== '') query.set(name, name === 'from' || name === 'to' ? new Date(given).toISOString() : given)
  }
  if (more.cursor) query.set('cursor', String(more.cursor))
  if (more.format) query.set('format', more.format)
  return `/audit?${query}`
}
