import type { Subject } from '../state/state.ts'

/** A signed-in user, as its access token says. */
export interface UserPrincipal {
  readonly kind: 'user'
  readonly userId: string
  readonly sessionId: string
  readonly jti: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** A guest, as its guest token says. The session of a guest is its participation: `sessionId` is the participant's id. */
export interface GuestPrincipal {
  readonly kind: 'guest'
  readonly participantId: string
  readonly roomId: string
  readonly sessionId: string
  readonly jti: string
  readonly expiresAt: number
}

export type Principal = UserPrincipal | GuestPrincipal

/** The subject under which a principal is limited, leased and revoked. */
export function subjectOf(principal: Principal): Subject & (`u:${string}` | `g:${string}`) {
  return principal.kind === 'user' ? `u:${principal.userId}` : `g:${principal.participantId}`
}
