import { AppError } from '../../errors.ts'
import type { UserRecord } from '../../repositories/users.ts'
import { normaliseEmail } from '../../schemas/common.ts'
import { type AccountsDeps, type Caller, type SignedIn, signedIn } from './deps.ts'
import { createPasswordCheck } from './password-check.ts'

/** Signing in with a password, and staying signed in. */
export function createSigningIn(deps: AccountsDeps) {
  const { users, passwords, sessions, audit, requireEmailVerification, now } = deps
  const checkPassword = createPasswordCheck(deps)

  /** Hashes again when the parameters have changed. The hash as it is stored now. */
  async function upToDateHash(user: UserRecord, password: string): Promise<string> {
    if (!passwords.needsRehash(user.password_hash)) return user.password_hash
    const hash = await passwords.hash(password)
    const replaced = await users.setPasswordHash(user.id, { hash, expected: user.password_hash, at: now() })
    return replaced ? hash : user.password_hash
  }

  return {
    /** Throws INVALID_CREDENTIALS, RATE_LIMIT_EXCEEDED, EMAIL_NOT_VERIFIED (only to who knows the password). */
    async login(request: { email: string; password: string; totp?: string }, caller: Caller): Promise<SignedIn> {
      const { password } = request
      const email = normaliseEmail(request.email)
      const found = await users.findByEmail(email)
      const second = { code: request.totp, field: 'body.totp' }
      const user = await checkPassword({ email, user: found, password, second, caller, action: 'login' })
      if (requireEmailVerification && !user.email_verified_at) {
        const details = { reason: 'email_not_verified' }
        await audit.note({ action: 'login', outcome: 'refused', subject: user.id, details })
        throw new AppError('EMAIL_NOT_VERIFIED')
      }
      const hash = await upToDateHash(user, password)
      const credentials = await audit.transaction(async (tx, record) => {
        // The password may have been changed, TOTP turned on, or the user erased, while it was being checked.
        const current = await users.lock(user.id, 'share', tx)
        const unchanged = current?.totp_confirmed_at?.getTime() === user.totp_confirmed_at?.getTime()
        if (current?.password_hash !== hash || !unchanged) throw new AppError('INVALID_CREDENTIALS')
        const made = await sessions.create(user.id, caller, tx)
        const actor = { kind: 'user', id: user.id } as const
        record({
          action: 'login',
          outcome: 'success',
          subject: user.id,
          actor,
          details: { session_id: made.sessionId },
        })
        return made
      })
      return signedIn(deps, user, credentials)
    },

    /** Throws what `sessions.refresh` throws. */
    async refresh(refreshToken: string): Promise<SignedIn> {
      const credentials = await sessions.refresh(refreshToken)
      const user = await users.findById(credentials.userId)
      if (!user) throw new AppError('TOKEN_REVOKED')
      return signedIn(deps, user, credentials)
    },
  }
}
