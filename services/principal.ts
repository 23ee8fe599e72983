import type { Scope } from '../schemas/api-keys.ts'
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

/** A machine that acts as the user whose key it has, within the key's scopes. The session of a key is the key: `sessionId` is its id. */
export interface KeyPrincipal {
  readonly kind: 'api_key'
  readonly keyId: string
  readonly userId: string
  readonly sessionId: string
  readonly scopes: readonly Scope[]
  readonly expiresAt: number
}

export type Principal = UserPrincipal | GuestPrincipal | KeyPrincipal

/** An account that somebody acts as: its user, or a key of theirs. */
export type Account = Pick<UserPrincipal | KeyPrincipal, 'userId'>

/** The account that a principal acts as; null for a guest, who has none. */
export function userIdOf(principal: Principal | null): string | null {
  return principal && principal.kind !== 'guest' ? principal.userId : null
}

/** The subject under which a principal is limited, leased and revoked. */
export function subjectOf(principal: Principal): Exclude<Subject, `ip:${string}`> {
  if (principal.kind === 'user') return `u:${principal.userId}`
  return principal.kind === 'guest' ? `g:${principal.participantId}` : `k:${principal.keyId}`
}
