import { AppError } from '../../errors.ts'
import type { UserRecord } from '../../repositories/users.ts'
import { emailDigest } from '../security-log.ts'
import { type AccountsDeps, type Caller, failurePair } from './deps.ts'

/**
 * Checks a password, counting failures by (account, address): a pair with too many waits, even with the right password, and nobody
 * else does. Costs the same whether there is such a user. Throws RATE_LIMIT_EXCEEDED with `retry-after`, INVALID_CREDENTIALS.
 */
export function createPasswordCheck(deps: AccountsDeps) {
  const { passwords, state, securityLog } = deps

  return async (attempt: {
    email: string
    user: UserRecord | null
    password: string
    caller: Caller
    action: string
  }): Promise<UserRecord> => {
    const { email, user, password, caller, action } = attempt
    const subject = user?.id ?? emailDigest(email)
    const pair = failurePair(email, caller)
    const { allowed, retryAfterMs } = await state.failures.attempt(pair)
    if (!allowed) {
      securityLog(action, 'refused', subject, { reason: 'too_many_failures' })
      const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000))
      throw new AppError('RATE_LIMIT_EXCEEDED', undefined, { headers: { 'retry-after': String(seconds) } })
    }
    const right = await passwords.verify(user?.password_hash ?? null, password)
    if (!right || !user) {
      securityLog(action, 'failure', subject, { reason: 'invalid_credentials' })
      throw new AppError('INVALID_CREDENTIALS')
    }
    await state.failures.succeed(pair)
    return user
  }
}
