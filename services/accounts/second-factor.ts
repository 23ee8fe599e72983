import { AppError } from '../../errors.ts'
import type { UserRecord } from '../../repositories/users.ts'
import type { AuditAction } from '../../schemas/audit.ts'
import { ANONYMOUS } from '../audit/origin.ts'
import { type AccountsDeps, tooManyFailures } from './deps.ts'
import { hashRecoveryCode } from './recovery-codes.ts'
import { isTotpCode, stepOf } from './totp-codes.ts'
import { createTotpSecrets } from './totp-secrets.ts'

interface Attempt {
  /** A code of the app or a recovery code. */
  code: string | undefined
  /** Where it came, for the answer: `body.totp`. */
  field: string
  /** What it is for, for the audit trail. */
  action: AuditAction
}

/**
 * Checks the second factor of a user who has one, after the password was right: no code counts twice, on any process. Failures are
 * counted by account, from wherever they come: only who knows the password gets as far, and six digits are guessed from many addresses
 * otherwise. Throws INVALID_CREDENTIALS naming the field, RATE_LIMIT_EXCEEDED.
 */
export function createSecondFactor(deps: AccountsDeps) {
  const { users, recoveryCodes, state, audit, now } = deps
  const secrets = createTotpSecrets(deps)

  /** The step of a right code and the secret's present form; null when the code is not right. */
  async function readCode(
    user: UserRecord,
    code: string,
  ): Promise<{ sealed: string; step: number; resealed: string } | null> {
    const sealed = user.totp_secret_sealed
    const opened = sealed && secrets.open(user.id, sealed)
    if (sealed && !opened) {
      const details = { reason: 'sealed_under_another_key' }
      await audit.note({ action: 'totp', outcome: 'failure', subject: user.id, details })
    }
    if (!sealed || !opened) return null
    const step = stepOf(opened.secret, code, now())
    return step === null ? null : { sealed, step, resealed: opened.resealed }
  }

  async function isRight(user: UserRecord, typed: string): Promise<boolean> {
    const code = typed.replaceAll(/\s/g, '')
    if (isTotpCode(code)) {
      const read = await readCode(user, code)
      return read !== null && users.acceptTotpStep(user.id, read)
    }
    return audit.transaction(async (tx, record) => {
      const consumed = await recoveryCodes.consume(user.id, hashRecoveryCode(code), now(), tx)
      if (!consumed) return false
      const details = { left: await recoveryCodes.countUnused(user.id, tx) }
      record({ action: 'recovery_code', outcome: 'success', subject: user.id, details })
      return true
    })
  }

  /** Runs a check of a code, counted as failed until it succeeds. */
  async function counted<T>(
    user: Pick<UserRecord, 'id'>,
    { field, action }: Attempt,
    check: () => Promise<T | null>,
  ): Promise<T> {
    const who = action === 'login' ? { actor: ANONYMOUS } : {}
    const { allowed, retryAfterMs } = await state.failures.attempt(`totp|${user.id}`)
    if (!allowed) {
      const details = { reason: 'too_many_failures' }
      await audit.note({ action, outcome: 'refused', subject: user.id, ...who, details })
      throw tooManyFailures(retryAfterMs)
    }
    const result = await check()
    if (result === null) {
      const details = { reason: 'wrong_code' }
      await audit.note({ action, outcome: 'failure', subject: user.id, ...who, details })
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
        await audit.note({ action, outcome: 'refused', subject: user.id, details: { reason: 'code_missing' } })
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
