import type { AuditQuery } from '../../api/types.ts'

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

/** The same for the server: without what is empty, and times with their zone. The selects offer only what it knows. */
export function queryOf(search: Search): AuditQuery {
  const given = Object.entries(search).flatMap(([name, value]) => {
    const text = value.trim()
    if (text === '') return []
    return [[name, name === 'from' || name === 'to' ? new Date(text).toISOString() : text]]
  })
  return Object.fromEntries(given) as AuditQuery
}
