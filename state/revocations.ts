import type { Subject } from './state.ts'

export interface Revocation {
  readonly subject: Subject
  readonly sessionId: string
  /** `logout`, `logout_all`, `password_changed`, `reuse`, `revoked`, `user_deleted`, `left`, `room_ended`. */
  readonly reason: string
}

/** Sessions whose access tokens are refused although they have not expired. */
export interface Revocations {
  /**
   * Refuses the sessions' tokens from now on, on every process, for `ttlMs` milliseconds (at least what a token has left to live).
   * This process refuses them even when Redis cannot be told; the others learn of them when it is back (`onRecovered`).
   */
  revoke(revocations: readonly Revocation[], ttlMs: number): Promise<void>
  /** Asks Redis. Throws StateUnavailableError when it does not answer: the caller fails closed. */
  isRevoked(subject: Subject, sessionId: string): Promise<boolean>
  /** What this process knows by itself. */
  isRevokedLocally(sessionId: string): boolean
  /** Called once on every process for each revocation, wherever it was made. */
  onRevoked(listener: (revocation: Revocation) => void): void
}
