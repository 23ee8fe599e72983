import { AppError } from '../../errors.ts'
import type { Sessions } from '../sessions.ts'

export type GivingUp = (refreshToken: string | undefined) => Promise<void>

/**
 * Ends the session of a refresh token that is about to be replaced by another session's: nobody would hold it any more, and it would stay
 * good for days. A token of nobody, or of a session that has ended, is passed over.
 */
export function createGivingUp(sessions: Pick<Sessions, 'ownerOf' | 'end'>): GivingUp {
  return async (refreshToken) => {
    if (refreshToken === undefined) return
    try {
      const { userId, sessionId } = await sessions.ownerOf(refreshToken)
      await sessions.end(userId, sessionId)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
    }
  }
}
