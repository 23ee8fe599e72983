import type { ChainHead } from '../../repositories/audit-events.ts'

const SHORT = /^(\d{1,15}):([A-Za-z0-9_-]{43})$/

/** The anchor in a line: `seq:hash`, or an `audit_anchor` of the log, whatever stands before it. Null where there is none. */
export function readAnchor(line: string): ChainHead | null {
  const [, seq, hash = ''] = SHORT.exec(line.trim()) ?? []
  if (seq !== undefined) return { seq: Number(seq), hash }
  const at = line.indexOf('{')
  return at >= 0 && line.includes('audit_anchor') ? fromJson(line.slice(at)) : null
}

function fromJson(json: string): ChainHead | null {
  try {
    const { event, seq, hash } = JSON.parse(json)
    return event === 'audit_anchor' && SHORT.test(`${seq}:${hash}`) ? { seq, hash } : null
  } catch {
    return null
  }
}
