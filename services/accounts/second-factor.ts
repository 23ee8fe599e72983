import { AppError } from '../../errors.ts'
import type { UserRecord } from '../../repositories/users.ts'
import { type AccountsDeps, tooManyFailures } from './deps.ts'
import { hashRecoveryCode } from './recovery-codes.ts'
import { isTotpCode, stepOf } from './totp-codes.ts'
import { createTotpSecrets } from './totp-secrets.ts'

interface Attempt {
  /** A code of the app or a recovery code. */
  code: string | undefined
  /** Where it came, for the answer: `body.totp`. */
  field: string
  /** What it is for, for the security log. */
  action: string
}

/**
 * Checks the second factor of a user who has one, after the password was right: no code counts twice, on any process. Failures are
 * counted by account, from wherever they come: only who knows the password gets as far, and six digits are guessed from many addresses
 * otherwise. Throws INVALID_CREDENTIALS naming the field, RATE_LIMIT_EXCEEDED.
 */
export function createSecondFactor(deps: AccountsDeps) {
  const { users, recoveryCodes, state, securityLog, now } = deps
  const secrets = createTotpSecrets(deps)

  /** The step of a right code and the secret's present form; null when the code is not right. */
  function readCode(user: UserRecord, code: string): { sealed: string; step: number; resealed: string } | null {
    const sealed = user.totp_secret_sealed
    const opened = sealed && secrets.open(user.id, sealed)
    if (sealed && !opened) securityLog('totp', 'failure', user.id, { reason: 'sealed_under_another_key' })
    if (!sealed || !opened) return null
    const step = stepOf(opened.secret, code, now())
    return step === null ? null : { sealed, step, resealed: opened.resealed }
  }

  async function isRight(user: UserRecord, typed: string): Promise<boolean> {
    const code = typed.replaceAll(/\s/g, '')
    if (isTotpCode(code)) {
      const read = readCode(user, code)
      return read !== null && users.acceptTotpStep(user.id, read)
    }
    const consumed = await recoveryCodes.consume(user.id, hashRecoveryCode(code), now())
    if (consumed) securityLog('recovery_code', 'success', user.id, { left: await recoveryCodes.countUnused(user.id) })
    return consumed
  }

  /** Runs a check of a code, counted as failed until it succeeds. */
  async function counted<T>(
    user: Pick<UserRecord, 'id'>,
    { field, action }: Attempt,
    check: () => Promise<T | null>,
  ): Promise<T> {
    const { allowed, retryAfterMs } = await state.failures.attempt(`totp|${user.id}`)
    if (!allowed) {
      securityLog(action, 'refused', user.id, { reason: 'too_many_failures' })
      throw tooManyFailures(retryAfterMs)
    }
    const result = await check()
    if (result === null) {
      securityLog(action, 'failure', user.id, { reason: 'wrong_code' })
      throw refused(field, 'is wrong or was used already')
    }
    await state.failures.succeed(`totp|${user.id}`)
    return result
  }

  return {
    /** Resolves at once for a user without TOTP. */
    async require(user: UserRecord, attempt: Attempt): Promise<void> {
      if (!user.totp_confirmed_at) return
      const { code, field, action } = attempt
      if (code === undefined) {
        securityLog(action, 'refused', user.id, { reason: 'code_missing' })
        throw refused(field, 'is required')
      }
      await counted(user, attempt, async () => ((await isRight(user, code)) ? true : null))
    },

    /** The first code of a secret that is set up: its step. Uses nothing up. */
    first: (user: UserRecord, code: string): Promise<{ sealed: string; step: number }> =>
      counted(user, { code, field: 'body.code', action: 'totp_enabled' }, async () =>
        readCode(user, code.replaceAll(/\s/g, '')),
      ),
  }
}

function refused(field: string, message: string): AppError {
  return new AppError('INVALID_CREDENTIALS', 'The code is missing or wrong.', { details: [{ field, message }] })
}
