import { AppError } from '../../errors.ts'
import type { Transaction } from '../../repositories/database.ts'
import type { RefreshTokenRecord } from '../../repositories/refresh-tokens.ts'
import type { SessionRecord } from '../../repositories/sessions.ts'
import { ANONYMOUS } from '../audit/origin.ts'
import { hashSecret, newSecret, seal, unseal } from '../secrets.ts'
import { type Credentials, refreshEnd, type SessionsDeps } from './deps.ts'

/** A refresh token used again within this time gets the successor it got before: an answer was lost, or two tabs asked at once. */
const GRACE_MS = 10_000

export type Rotation =
  | { kind: 'rotated'; credentials: Credentials }
  | { kind: 'reused' }
  | { kind: 'revoked' }
  | { kind: 'expired' }

/**
 * Replaces a refresh token in one transaction; whoever else uses the session waits. A token that was replaced longer ago than the
 * grace, or whose successor was used already, is reused: somebody has a copy.
 */
export function createRotation(deps: SessionsDeps) {
  const { audit, sessions, refreshTokens, tokens, now } = deps

  async function credentials(session: SessionRecord, token: { value: string; expires_at: Date }, tx: Transaction) {
    const access = tokens.issueAccess(session.user_id, session.id)
    await sessions.touch(session.id, { access_jti: access.jti, last_used_at: now() }, tx)
    const { value: refreshToken, expires_at: refreshExpiresAt } = token
    return { userId: session.user_id, sessionId: session.id, access, refreshToken, refreshExpiresAt }
  }

  async function rotate(session: SessionRecord, token: string, tx: Transaction): Promise<Rotation> {
    const at = now()
    const successor = newSecret()
    const expires_at = refreshEnd(deps, session, at)
    await refreshTokens.markUsed(hashSecret(token), { used_at: at, successor_sealed: seal(successor, token) }, tx)
    await refreshTokens.insert(
      { token_hash: hashSecret(successor), session_id: session.id, created_at: at, expires_at },
      tx,
    )
    return { kind: 'rotated', credentials: await credentials(session, { value: successor, expires_at }, tx) }
  }

  async function repeat(
    session: SessionRecord,
    used: RefreshTokenRecord,
    token: string,
    tx: Transaction,
  ): Promise<Rotation> {
    const sinceUse = now().getTime() - (used.used_at?.getTime() ?? 0)
    if (sinceUse > GRACE_MS || !used.successor_sealed) return { kind: 'reused' }
    const value = unseal(used.successor_sealed, token)
    const successor = await refreshTokens.find(hashSecret(value), tx)
    if (!successor || successor.used_at) return { kind: 'reused' }
    return { kind: 'rotated', credentials: await credentials(session, { value, expires_at: successor.expires_at }, tx) }
  }

  /** What came of using a refresh token of a session. Throws UNAUTHENTICATED when the token is gone. */
  return (sessionId: string, token: string): Promise<Rotation> =>
    audit.transaction(async (tx, record) => {
      const session = await sessions.lock(sessionId, tx)
      // Read after the lock was granted: another rotation may just have used it.
      const found = session && (await refreshTokens.find(hashSecret(token), tx))
      if (!session || !found) throw new AppError('UNAUTHENTICATED')
      if (session.revoked_at) return { kind: 'revoked' }
      if (found.used_at) {
        const result = await repeat(session, found, token, tx)
        if (result.kind === 'reused') {
          await sessions.revoke(session.user_id, { reason: 'reuse', at: now(), only: [session.id] }, tx)
          // Whoever it is that has the copy.
          const who = { subject: session.user_id, actor: ANONYMOUS }
          record({ action: 'refresh_reuse', outcome: 'refused', ...who, details: { session_id: session.id } })
        }
        return result
      }
      if (found.expires_at <= now() || session.expires_at <= now()) return { kind: 'expired' }
      return rotate(session, token, tx)
    })
}
