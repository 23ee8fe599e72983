import type { Subject } from './state.ts'

/** A limit of `max` admissions in every interval of `windowMs` milliseconds, wherever it begins. */
export interface Limit {
  /** Short and stable: it is part of a key and of the RateLimit headers (`auth`, `pipeline`, `default`, `pages`). */
  readonly name: string
  readonly max: number
  readonly windowMs: number
}

export interface Admission {
  /** All are checked or none is counted. */
  readonly limits: readonly Limit[]
  readonly subject: Subject
  /** The session of the token that came along: its revocation is looked up in the same round trip. */
  readonly sessionId?: string
}

export interface Verdict {
  readonly admitted: boolean
  /** The limit that refused, or the one with the least left. */
  readonly limit: Limit
  /** How many more of that limit would be admitted now. */
  readonly remaining: number
  /** Milliseconds until more than `remaining` is there; when refused, until one would be admitted. */
  readonly resetMs: number
  /** The session is revoked (or is not known not to be). */
  readonly revoked: boolean
  /** This process decided on its own: Redis did not answer. */
  readonly degraded: boolean
}

/** A strict sliding window: no interval admits more than the limit. A refusal costs nothing and delays nobody. */
export interface Limiter {
  admit(admission: Admission): Promise<Verdict>
}
