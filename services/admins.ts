import { AppError } from '../errors.ts'
import type { UsersRepository } from '../repositories/users.ts'
import type { State } from '../state/state.ts'
import { actorOf } from './audit/origin.ts'
import type { Audit } from './audit.ts'
import type { Principal } from './principal.ts'

export interface AdminsOptions {
  users: Pick<UsersRepository, 'isAdminIn'>
  state: Pick<State, 'revocations'>
  audit: Pick<Audit, 'note'>
}

export type Admins = ReturnType<typeof createAdmins>

/**
 * Who is an admin: the database says so at every call, so that a role that was taken away is gone at once. A token says nothing of it.
 */
export function createAdmins({ users, state, audit }: AdminsOptions) {
  /** Throws TOKEN_REVOKED, and StateUnavailableError when nobody can tell whether the session was revoked. */
  async function isAdmin(principal: Principal): Promise<boolean> {
    if (principal.kind !== 'user') return false
    const { userId, sessionId } = principal
    if (!(await users.isAdminIn(sessionId, userId))) return false
    if (await state.revocations.isRevoked(`u:${userId}`, sessionId)) throw new AppError('TOKEN_REVOKED')
    return true
  }

  return {
    isAdmin,

    /** Throws as `isAdmin`, and FORBIDDEN to everybody else. */
    async require(principal: Principal): Promise<void> {
      if (await isAdmin(principal)) return
      const actor = actorOf(principal)
      await audit.note({ action: 'admin_access', outcome: 'refused', subject: actor.id, actor })
      throw new AppError('FORBIDDEN', 'Only an admin may do this.')
    },
  }
}
