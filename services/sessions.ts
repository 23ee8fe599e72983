import { randomUUID } from 'node:crypto'
import { AppError } from '../errors.ts'
import type { Transaction } from '../repositories/database.ts'
import type { RevocationChange } from '../repositories/sessions.ts'
import type { SessionList } from '../schemas/auth.ts'
import { hashSecret, isSecret, newSecret } from './secrets.ts'
import {
  type Credentials,
  type Device,
  daysFrom,
  refreshEnd,
  type SessionsDeps,
  type SessionsOptions,
} from './sessions/deps.ts'
import { createRotation } from './sessions/rotation.ts'

export type { Credentials, Device, SessionsOptions } from './sessions/deps.ts'

/** A revocation outlives the tokens it is about by this much: clocks differ. */
const CLOCK_SKEW_MS = 60_000
const MAX_DEVICE_LENGTH = 200

export type Sessions = ReturnType<typeof createSessions>

/** Sign-ins: made, refreshed, listed, ended. PostgreSQL says which live; the shared state refuses access tokens of those that ended. */
export function createSessions(options: SessionsOptions) {
  const deps: SessionsDeps = { ...options, now: options.now ?? (() => new Date()) }
  const { sessions, refreshTokens, state, tokens, audit, securityLog, now } = deps
  const rotate = createRotation(deps)
  const refusedMs = deps.accessTokenTtlSeconds * 1000 + CLOCK_SKEW_MS

  /** Refuses the access tokens of sessions at once, on every process. Not within a transaction. */
  async function refuse(userId: string, sessionIds: readonly string[], reason: string): Promise<void> {
    if (sessionIds.length === 0) return
    const subject = `u:${userId}` as const
    await state.revocations.revoke(
      sessionIds.map((sessionId) => ({ subject, sessionId, reason })),
      refusedMs,
    )
  }

  /** Revokes in the database only: `refuse` what it answers when the transaction is over. */
  function revokeIn(tx: Transaction, userId: string, change: Omit<RevocationChange, 'at'>): Promise<string[]> {
    return sessions.revoke(userId, { ...change, at: now() }, tx)
  }

  /** Ends sessions of a user as `action`; those that were live. */
  async function end(
    userId: string,
    action: 'logout' | 'session_revoked',
    change: Omit<RevocationChange, 'at'>,
  ): Promise<string[]> {
    return audit.transaction(async (tx, record) => {
      const ended = await revokeIn(tx, userId, change)
      const details = change.only ? { session_id: change.only[0] ?? null } : { sessions: ended.length }
      if (ended.length > 0) record({ action, outcome: 'success', subject: userId, details })
      return ended
    })
  }

  /** The session a refresh token belongs to, whatever became of it. Throws UNAUTHENTICATED for an unknown token. */
  async function ownerOf(refreshToken: string): Promise<{ sessionId: string; userId: string }> {
    const owner = isSecret(refreshToken) ? await refreshTokens.owner(hashSecret(refreshToken)) : null
    if (!owner) throw new AppError('UNAUTHENTICATED')
    return { sessionId: owner.session_id, userId: owner.user_id }
  }

  return {
    refuse,
    revokeIn,

    /** A new session of a user. */
    async create(userId: string, device: Device, tx?: Transaction): Promise<Credentials> {
      const at = now()
      const sessionId = randomUUID()
      const access = tokens.issueAccess(userId, sessionId)
      const expires_at = daysFrom(at, deps.refreshTokenAbsoluteDays)
      const refreshToken = newSecret()
      const refreshExpiresAt = refreshEnd(deps, { expires_at }, at)
      await sessions.insert(
        {
          id: sessionId,
          user_id: userId,
          access_jti: access.jti,
          user_agent: deviceName(device.userAgent),
          address: device.address,
          created_at: at,
          last_used_at: at,
          expires_at,
        },
        tx,
      )
      const token_hash = hashSecret(refreshToken)
      await refreshTokens.insert(
        { token_hash, session_id: sessionId, created_at: at, expires_at: refreshExpiresAt },
        tx,
      )
      return { userId, sessionId, access, refreshToken, refreshExpiresAt }
    },

    ownerOf,

    /**
     * Rotates a refresh token. Throws UNAUTHENTICATED (unknown), TOKEN_EXPIRED (idle or absolute lifetime), TOKEN_REVOKED (ended, or
     * reused: that ends it), StateUnavailableError when nobody can tell whether it was revoked.
     */
    async refresh(refreshToken: string): Promise<Credentials> {
      const { sessionId, userId } = await ownerOf(refreshToken)
      if (await state.revocations.isRevoked(`u:${userId}`, sessionId)) throw new AppError('TOKEN_REVOKED')
      const result = await rotate(sessionId, refreshToken)
      if (result.kind === 'rotated') {
        securityLog('refresh', 'success', userId, { session_id: sessionId })
        return result.credentials
      }
      if (result.kind === 'reused') await refuse(userId, [sessionId], 'reuse')
      throw new AppError(result.kind === 'expired' ? 'TOKEN_EXPIRED' : 'TOKEN_REVOKED')
    },

    /** A user's live sessions, the last used first; `current` is the one that asks. */
    async list({ userId, sessionId }: { userId: string; sessionId: string }): Promise<SessionList['sessions']> {
      const at = now()
      const live = await sessions.listActive(userId, { now: at, idleSince: daysFrom(at, -deps.refreshTokenIdleDays) })
      return live.map(({ id, user_agent, address, created_at, last_used_at }) => ({
        id,
        device: user_agent,
        address,
        created_at: created_at.toISOString(),
        last_used_at: last_used_at.toISOString(),
        current: id === sessionId,
      }))
    },

    /** Ends the session of a principal. */
    async logout({ userId, sessionId }: { userId: string; sessionId: string }): Promise<void> {
      await end(userId, 'logout', { reason: 'logout', only: [sessionId] })
      await refuse(userId, [sessionId], 'logout')
    },

    /** Ends every session of a user. */
    async logoutAll({ userId, sessionId }: { userId: string; sessionId: string }): Promise<void> {
      const revoked = await end(userId, 'logout', { reason: 'logout_all' })
      await refuse(userId, [...new Set([...revoked, sessionId])], 'logout_all')
    },

    /** Ends one of the user's own live sessions. Throws NOT_FOUND for any other. */
    async end(userId: string, sessionId: string): Promise<void> {
      const revoked = await end(userId, 'session_revoked', { reason: 'revoked', only: [sessionId] })
      if (revoked.length === 0) throw new AppError('NOT_FOUND')
      await refuse(userId, revoked, 'revoked')
    },

    /**
     * Tells the shared state again of every session whose access tokens could still be alive: call on boot and when the state recovers,
     * since it may have lost them. Throws DatabaseUnavailableError.
     */
    async rewarm(): Promise<void> {
      const revoked = await sessions.revokedSince(new Date(now().getTime() - refusedMs))
      if (revoked.length === 0) return
      await state.revocations.revoke(
        revoked.map(({ id, user_id, revoked_reason }) => ({
          subject: `u:${user_id}` as const,
          sessionId: id,
          reason: revoked_reason ?? 'revoked',
        })),
        refusedMs,
      )
    },

    /** Deletes sessions that ended by themselves, with their refresh tokens. */
    purge: (): Promise<void> => sessions.deleteExpired(now()),
  }
}

/** A User-Agent header as it is kept and shown: bounded, on one line, without control characters. */
function deviceName(userAgent: string): string {
  return userAgent
    .replace(/[^\x20-\x7e]/g, '')
    .trim()
    .slice(0, MAX_DEVICE_LENGTH)
}
