import { randomUUID } from 'node:crypto'
import { AppError } from '../../errors.ts'
import type { SignupRequest } from '../../schemas/auth.ts'
import { cleanText, normaliseEmail } from '../../schemas/common.ts'
import type { User } from '../../schemas/users.ts'
import { createEmailDigest } from '../email-digest.ts'
import { type AccountsDeps, toUser } from './deps.ts'

const DEFAULT_LANGUAGE = 'en'

/** Coming in: signing up and proving the address. */
export function createRegistration(deps: AccountsDeps) {
  const { users, mailJobs, passwords, links, audit, mailQueued, now } = deps
  const emailDigest = createEmailDigest(deps)

  return {
    /**
     * Makes a user, or only seems to when the address is taken: the same work, the same answer; the mail tells the owner. Throws
     * VALIDATION_ERROR for a password that may not be chosen, whoever has the address.
     */
    async signup(request: SignupRequest): Promise<User> {
      const email = normaliseEmail(request.email)
      const full_name = cleanText(request.full_name)
      passwords.requireGood('password', request.password, { email, full_name })
      const password_hash = await passwords.hash(request.password)
      const at = now()
      const speaking_language = request.speaking_language ?? DEFAULT_LANGUAGE
      const listening_language = request.listening_language ?? speaking_language
      const id = randomUUID()
      const profile = {
        id,
        email,
        full_name,
        speaking_language,
        listening_language,
        created_at: at,
        email_verified_at: null,
        totp_secret_sealed: null,
        totp_confirmed_at: null,
        totp_last_step: null,
        role: 'user',
      }
      await audit.transaction(async (tx, record) => {
        const made = await users.insert({ ...profile, password_hash, accepted_terms_at: at, updated_at: at }, tx)
        await mailJobs.insert(made ? 'verify' : 'address_taken', email, at, tx)
        if (made) return record({ action: 'signup', outcome: 'success', subject: id })
        record({
          ...{ action: 'signup', outcome: 'refused', subject: emailDigest(email) },
          details: { reason: 'address_taken' },
        })
      })
      mailQueued()
      return toUser(profile)
    },

    /** Marks the address as the user's own. Throws VALIDATION_ERROR for a token that cannot be used. */
    async verifyEmail(token: string): Promise<void> {
      const userId = await audit.transaction(async (tx, record) => {
        const owner = await links.consume(token, 'verify', tx)
        if (!owner) return null
        await users.markVerified(owner, now(), tx)
        record({ action: 'email_verified', outcome: 'success', subject: owner })
        return owner
      })
      if (!userId) throw uselessToken()
    },

    /** Queues the verification mail; the worker finds out whether there is anybody to send it to. */
    async resendVerification(email: string): Promise<void> {
      await mailJobs.insert('verify', normaliseEmail(email), now())
      mailQueued()
    },
  }
}

/** The same for a token that is unknown, used, replaced or expired. */
export function uselessToken(): AppError {
  const message = 'is unknown, used or expired: ask for a new link'
  return new AppError('VALIDATION_ERROR', undefined, { details: [{ field: 'body.token', message }] })
}
