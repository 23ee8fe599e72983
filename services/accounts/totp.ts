import { AppError } from '../../errors.ts'
import type { UserPrincipal } from '../principal.ts'
import type { AccountsDeps, Caller } from './deps.ts'
import { createPasswordCheck } from './password-check.ts'
import { hashRecoveryCode, newRecoveryCodes } from './recovery-codes.ts'
import { createSecondFactor } from './second-factor.ts'
import { newTotpSecret, otpauthUrl } from './totp-codes.ts'
import { createTotpSecrets } from './totp-secrets.ts'

/** One-time passwords (RFC 6238) as a second factor: set up, confirmed by a first code, turned off. */
export function createTotp(deps: AccountsDeps) {
  const { users, recoveryCodes, mailJobs, audit, mailQueued, now } = deps
  const checkPassword = createPasswordCheck(deps)
  const secondFactor = createSecondFactor(deps)
  const secrets = createTotpSecrets(deps)

  async function find(userId: string) {
    const user = await users.findById(userId)
    if (!user) throw new AppError('TOKEN_REVOKED')
    return user
  }

  return {
    /**
     * A new secret for the authenticator app; nothing changes at sign-in until it is confirmed, and asking again replaces it. Throws
     * INVALID_CREDENTIALS, RATE_LIMIT_EXCEEDED, CONFLICT while TOTP is on.
     */
    async setUpTotp(
      { userId }: UserPrincipal,
      request: { password: string },
      caller: Caller,
    ): Promise<{ secret: string; otpauth_url: string }> {
      const user = await find(userId)
      if (user.totp_confirmed_at) throw alreadyOn()
      const { email } = user
      await checkPassword({ email, user, password: request.password, caller, action: 'totp_setup' })
      const secret = newTotpSecret()
      await audit.transaction(async (tx, record) => {
        if (!(await users.setUpTotp(userId, secrets.seal(userId, secret), now(), tx))) throw alreadyOn()
        record({ action: 'totp_setup', outcome: 'success', subject: userId })
      })
      return { secret, otpauth_url: otpauthUrl(secret, email) }
    },

    /**
     * Turns TOTP on with a first code; the recovery codes are shown this once. Throws INVALID_CREDENTIALS, RATE_LIMIT_EXCEEDED, CONFLICT
     * when nothing is set up or TOTP is on.
     */
    async confirmTotp({ userId }: UserPrincipal, request: { code: string }): Promise<{ recovery_codes: string[] }> {
      const user = await find(userId)
      if (user.totp_confirmed_at) throw alreadyOn()
      if (!user.totp_secret_sealed) throw new AppError('CONFLICT', 'Set one-time passwords up first.')
      const { sealed, step } = await secondFactor.first(user, request.code)
      const codes = newRecoveryCodes()
      await audit.transaction(async (tx, record) => {
        const at = now()
        const confirmed = await users.confirmTotp(userId, { sealed, step, at }, tx)
        if (!confirmed) throw new AppError('CONFLICT', 'This was set up anew in between: use the newest secret.')
        await recoveryCodes.replace(userId, codes.map(hashRecoveryCode), at, tx)
        await mailJobs.insert('totp_enabled', user.email, at, tx)
        record({ action: 'totp_enabled', outcome: 'success', subject: userId })
      })
      mailQueued()
      return { recovery_codes: codes }
    },

    /** Throws INVALID_CREDENTIALS, RATE_LIMIT_EXCEEDED, CONFLICT while TOTP is off. */
    async disableTotp(
      { userId }: UserPrincipal,
      { password, code }: { password: string; code: string },
      caller: Caller,
    ): Promise<void> {
      const user = await find(userId)
      if (!user.totp_confirmed_at) throw new AppError('CONFLICT', 'One-time passwords are not on.')
      const { email } = user
      const second = { code, field: 'body.code' }
      await checkPassword({ email, user, password, second, caller, action: 'totp_disabled' })
      await audit.transaction(async (tx, record) => {
        const at = now()
        await users.clearTotp(userId, at, tx)
        await recoveryCodes.replace(userId, [], at, tx)
        await mailJobs.insert('totp_disabled', email, at, tx)
        record({ action: 'totp_disabled', outcome: 'success', subject: userId })
      })
      mailQueued()
    },
  }
}

function alreadyOn(): AppError {
  return new AppError('CONFLICT', 'One-time passwords are on already: turn them off first.')
}
