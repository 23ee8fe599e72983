import { createHash } from 'node:crypto'
import { AppError } from '../../errors.ts'
import type { Database } from '../../repositories/database.ts'
import type { MailJobsRepository } from '../../repositories/mail-jobs.ts'
import type { RecoveryCodesRepository } from '../../repositories/recovery-codes.ts'
import type { UserRecord, UsersRepository } from '../../repositories/users.ts'
import { normaliseEmail } from '../../schemas/common.ts'
import type { Role, User } from '../../schemas/users.ts'
import type { State } from '../../state/state.ts'
import type { ApiKeys } from '../api-keys.ts'
import type { Audit } from '../audit.ts'
import type { Csrf } from '../csrf.ts'
import type { OneTimeLinks } from '../one-time-links.ts'
import type { Passwords } from '../passwords.ts'
import type { Credentials, Device, Sessions } from '../sessions.ts'
import type { TotpSecretsOptions } from './totp-secrets.ts'

export interface AccountsOptions extends TotpSecretsOptions {
  database: Pick<Database, 'transaction'>
  users: UsersRepository
  recoveryCodes: RecoveryCodesRepository
  mailJobs: MailJobsRepository
  passwords: Passwords
  sessions: Sessions
  apiKeys: Pick<ApiKeys, 'liveOf' | 'revokeAllIn' | 'refuse'>
  links: OneTimeLinks
  csrf: Csrf
  state: Pick<State, 'failures'>
  audit: Audit
  /** Called when mail was queued. */
  mailQueued: () => void
  /** Called before a user is erased, when its password was right. */
  onUserDeleted: (userId: string) => Promise<void>
  requireEmailVerification: boolean
  accessTokenTtlSeconds: number
  now?: () => Date
}

export type AccountsDeps = Required<AccountsOptions>

/** Where a request comes from: `group` is what failures are counted by, an IPv4 address or an IPv6 /64. */
export interface Caller extends Device {
  group: string
}

/** What a sign-in answers, and the refresh token for the cookie. */
export interface SignedIn {
  answer: { access_token: string; token_type: 'Bearer'; expires_in: number; csrf_token: string; user: User }
  refreshToken: string
  /** How long the refresh token lives, if it is not used. */
  refreshSeconds: number
}

/** A user as its owner sees it. */
export function toUser(record: Omit<UserRecord, 'password_hash' | 'accepted_terms_at' | 'updated_at'>): User {
  return {
    id: record.id,
    email: record.email,
    full_name: record.full_name,
    speaking_language: record.speaking_language,
    listening_language: record.listening_language,
    email_verified: record.email_verified_at !== null,
    totp_enabled: record.totp_confirmed_at !== null,
    role: record.role as Role,
    created_at: record.created_at.toISOString(),
  }
}

export function signedIn(deps: AccountsDeps, user: UserRecord, credentials: Credentials): SignedIn {
  const { access, sessionId, refreshToken, refreshExpiresAt } = credentials
  return {
    answer: {
      access_token: access.token,
      token_type: 'Bearer',
      expires_in: deps.accessTokenTtlSeconds,
      csrf_token: deps.csrf.issue(sessionId),
      user: toUser(user),
    },
    refreshToken,
    refreshSeconds: Math.max(0, Math.round((refreshExpiresAt.getTime() - deps.now().getTime()) / 1000)),
  }
}

/** The (account, address) pair whose failures are counted together; says nothing of the account. */
export function failurePair(email: string, caller: Pick<Caller, 'group'>): string {
  return createHash('sha256')
    .update(`${normaliseEmail(email)}|${caller.group}`)
    .digest('base64url')
}

/** Too many tries failed of late: how long to wait, in milliseconds. */
export function tooManyFailures(retryAfterMs: number): AppError {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000))
  return new AppError('RATE_LIMIT_EXCEEDED', undefined, { headers: { 'retry-after': String(seconds) } })
}
