import { AppError } from '../../errors.ts'
import type { UserProfile } from '../../repositories/users.ts'
import { cleanText } from '../../schemas/common.ts'
import type { User } from '../../schemas/users.ts'
import type { UserPrincipal } from '../principal.ts'
import { type AccountsDeps, type Caller, toUser } from './deps.ts'
import { createPasswordCheck } from './password-check.ts'

/** A user's own data. A user that was erased in the meantime is TOKEN_REVOKED. */
export function createProfile(deps: AccountsDeps) {
  const { users, sessions, apiKeys, audit, onUserDeleted, now } = deps
  const checkPassword = createPasswordCheck(deps)

  return {
    async profile(userId: string): Promise<User> {
      const user = await users.findById(userId)
      if (!user) throw new AppError('TOKEN_REVOKED')
      return toUser(user)
    },

    async updateProfile(userId: string, change: Partial<UserProfile>): Promise<User> {
      const named = change.full_name === undefined ? {} : { full_name: cleanText(change.full_name) }
      const user = await users.updateProfile(userId, { ...change, ...named }, now())
      if (!user) throw new AppError('TOKEN_REVOKED')
      return toUser(user)
    },

    /** Erases the user and everything it owns. Throws INVALID_CREDENTIALS, RATE_LIMIT_EXCEEDED. */
    async deleteAccount(
      principal: UserPrincipal,
      { password, totp }: { password: string; totp?: string },
      caller: Caller,
    ): Promise<void> {
      const found = await users.findById(principal.userId)
      if (!found) throw new AppError('TOKEN_REVOKED')
      const second = { code: totp, field: 'body.totp' }
      const { email } = found
      const user = await checkPassword({ email, user: found, password, second, caller, action: 'user_deleted' })
      await onUserDeleted(user.id)
      const ended = await audit.transaction(async (tx, record) => {
        // No sign-in comes in between: it would have a session that nobody ends.
        const current = await users.lock(user.id, 'update', tx)
        if (current?.password_hash !== user.password_hash) throw new AppError('INVALID_CREDENTIALS')
        const revoked = await sessions.revokeIn(tx, user.id, { reason: 'user_deleted' })
        const keys = await apiKeys.liveOf(user.id, tx)
        await users.erase(user, tx)
        record({ action: 'user_deleted', outcome: 'success', subject: user.id })
        return { sessions: revoked, keys }
      })
      await sessions.refuse(user.id, [...new Set([...ended.sessions, principal.sessionId])], 'user_deleted')
      await apiKeys.refuse(ended.keys, 'user_deleted')
    },
  }
}
