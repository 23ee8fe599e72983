import { AppError } from '../../errors.ts'
import { normaliseEmail } from '../../schemas/common.ts'
import type { UserPrincipal } from '../principal.ts'
import { type AccountsDeps, type Caller, failurePair } from './deps.ts'
import { createPasswordCheck } from './password-check.ts'
import { uselessToken } from './registration.ts'

/** New passwords: forgotten ones by mail, known ones by the old. */
export function createRecovery(deps: AccountsDeps) {
  const { users, recoveryCodes, mailJobs, passwords, sessions, apiKeys, links, state } = deps
  const { audit, mailQueued, now } = deps
  const checkPassword = createPasswordCheck(deps)

  return {
    /** Queues the mail; the worker finds out whether there is anybody to send it to. */
    async forgotPassword(email: string): Promise<void> {
      await mailJobs.insert('reset', normaliseEmail(email), now())
      mailQueued()
    },

    /**
     * Sets a new password and ends every session and API key: the account may have been in other hands. Throws VALIDATION_ERROR for the
     * token or the password.
     */
    async resetPassword(request: { token: string; new_password: string }, caller: Caller): Promise<void> {
      const owner = await links.userOf(request.token, 'reset')
      const user = owner && (await users.findById(owner))
      if (!user) throw uselessToken()
      passwords.requireGood('new_password', request.new_password, user)
      const hash = await passwords.hash(request.new_password)
      const ended = await audit.transaction(async (tx, record) => {
        const at = now()
        if (!(await links.consume(request.token, 'reset', tx))) throw uselessToken()
        await users.setPasswordHash(user.id, { hash, at }, tx)
        // The link came by mail: whoever used it reads the mailbox, and whoever made the account may be somebody else until then.
        if (!user.email_verified_at) {
          await users.clearTotp(user.id, at, tx)
          await recoveryCodes.replace(user.id, [], at, tx)
        }
        await users.markVerified(user.id, at, tx)
        await mailJobs.insert('password_changed', user.email, at, tx)
        const keys = await apiKeys.revokeAllIn(user.id, tx)
        const ended = await sessions.revokeIn(tx, user.id, { reason: 'password_changed' })
        const details = { sessions: ended.length, api_keys: keys.length }
        record({ action: 'password_reset', outcome: 'success', subject: user.id, details })
        return { sessions: ended, keys }
      })
      await sessions.refuse(user.id, ended.sessions, 'password_changed')
      await apiKeys.refuse(ended.keys, 'password_changed')
      await state.failures.succeed(failurePair(user.email, caller))
      mailQueued()
    },

    /** Sets a new password and ends the other sessions. Throws INVALID_CREDENTIALS, RATE_LIMIT_EXCEEDED, VALIDATION_ERROR. */
    async changePassword(
      principal: UserPrincipal,
      request: { current_password: string; new_password: string; totp?: string },
      caller: Caller,
    ): Promise<void> {
      const found = await users.findById(principal.userId)
      if (!found) throw new AppError('TOKEN_REVOKED')
      // First, so that it costs nobody a code.
      passwords.requireGood('new_password', request.new_password, found)
      const { email } = found
      const password = request.current_password
      const second = { code: request.totp, field: 'body.totp' }
      const user = await checkPassword({ email, user: found, password, second, caller, action: 'password_changed' })
      const hash = await passwords.hash(request.new_password)
      const ended = await audit.transaction(async (tx, record) => {
        const at = now()
        const replaced = await users.setPasswordHash(user.id, { hash, expected: user.password_hash, at }, tx)
        // Somebody else changed it in between.
        if (!replaced) throw new AppError('INVALID_CREDENTIALS')
        await links.voidAll(user.id, 'reset', tx)
        await mailJobs.insert('password_changed', user.email, at, tx)
        const change = { reason: 'password_changed', except: principal.sessionId }
        const ended = await sessions.revokeIn(tx, user.id, change)
        const details = { sessions: ended.length }
        record({ action: 'password_changed', outcome: 'success', subject: user.id, details })
        return ended
      })
      await sessions.refuse(user.id, ended, 'password_changed')
      mailQueued()
    },
  }
}
