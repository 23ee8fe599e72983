import type { RefreshTokensRepository } from '../../repositories/refresh-tokens.ts'
import type { SessionRecord, SessionsRepository } from '../../repositories/sessions.ts'
import type { State } from '../../state/state.ts'
import type { Audit } from '../audit.ts'
import type { SecurityLog } from '../security-log.ts'
import type { IssuedToken, Tokens } from '../tokens.ts'

export interface SessionsOptions {
  sessions: SessionsRepository
  refreshTokens: RefreshTokensRepository
  state: Pick<State, 'revocations'>
  tokens: Pick<Tokens, 'issueAccess'>
  audit: Pick<Audit, 'transaction'>
  /** Writes a line of the log alone, for what happens all the time. */
  securityLog: SecurityLog
  accessTokenTtlSeconds: number
  refreshTokenIdleDays: number
  refreshTokenAbsoluteDays: number
  now?: () => Date
}

export type SessionsDeps = Required<SessionsOptions>

/** Where a session is used from, as its list shows it. */
export interface Device {
  userAgent: string
  address: string
}

/** What a sign-in or a refresh hands out. */
export interface Credentials {
  userId: string
  sessionId: string
  access: IssuedToken
  refreshToken: string
  /** The end of the refresh token's life. */
  refreshExpiresAt: Date
}

const DAY_MS = 86_400_000

/** When a refresh token made now ends: the idle lifetime, within the session's absolute one. */
export function refreshEnd(
  deps: Pick<SessionsDeps, 'refreshTokenIdleDays'>,
  session: Pick<SessionRecord, 'expires_at'>,
  now: Date,
): Date {
  return new Date(Math.min(now.getTime() + deps.refreshTokenIdleDays * DAY_MS, session.expires_at.getTime()))
}

/** A time so many days away from another. */
export function daysFrom(time: Date, days: number): Date {
  return new Date(time.getTime() + days * DAY_MS)
}
