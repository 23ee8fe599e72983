import { AppError } from '../../errors.ts'
import type { UserRecord } from '../../repositories/users.ts'
import type { AuditAction } from '../../schemas/audit.ts'
import { ANONYMOUS } from '../audit/origin.ts'
import { createEmailDigest } from '../email-digest.ts'
import { type AccountsDeps, type Caller, failurePair, tooManyFailures } from './deps.ts'
import { createSecondFactor } from './second-factor.ts'

interface PasswordAttempt {
  email: string
  user: UserRecord | null
  password: string
  /** The second factor, as `field` of the request; asked for where TOTP is on. */
  second?: { code: string | undefined; field: string }
  caller: Caller
  /** What it is for, for the audit trail. */
  action: AuditAction
}

/**
 * Checks a password, and then the second factor where there is one, counting failures by (account, address): a pair with too many waits,
 * even with the right password, and nobody else does. Costs the same whether there is such a user; only who knows the password learns
 * that a code is missing or wrong. Throws RATE_LIMIT_EXCEEDED with `retry-after`, INVALID_CREDENTIALS.
 */
export function createPasswordCheck(deps: AccountsDeps) {
  const { passwords, state, audit } = deps
  const emailDigest = createEmailDigest(deps)
  const secondFactor = createSecondFactor(deps)

  return async (attempt: PasswordAttempt): Promise<UserRecord> => {
    const { email, user, password, second, caller, action } = attempt
    const subject = user?.id ?? emailDigest(email)
    // Until the password is right, nobody knows who it is.
    const who = action === 'login' ? { actor: ANONYMOUS } : {}
    const pair = failurePair(email, caller)
    const { allowed, retryAfterMs } = await state.failures.attempt(pair)
    if (!allowed) {
      await audit.note({ action, outcome: 'refused', subject, ...who, details: { reason: 'too_many_failures' } })
      throw tooManyFailures(retryAfterMs)
    }
    const right = await passwords.verify(user?.password_hash ?? null, password)
    if (!right || !user) {
      await audit.note({ action, outcome: 'failure', subject, ...who, details: { reason: 'invalid_credentials' } })
      throw new AppError('INVALID_CREDENTIALS')
    }
    // Before the failures are forgotten: the right password gives nobody more tries at the code.
    await secondFactor.require(user, { ...(second ?? { code: undefined, field: 'body.totp' }), action })
    await state.failures.succeed(pair)
    return user
  }
}
