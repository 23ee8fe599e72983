/** What a socket ticket is bound to. */
export interface TicketGrant {
  readonly roomId: string
  readonly participantId: string
  readonly subject: `u:${string}` | `g:${string}` | `k:${string}`
  /** Whom a key acts as; only where an API key asked for the ticket. */
  readonly userId?: string
  readonly sessionId: string
  /** The Origin header of the call that asked for the ticket; empty when it had none. */
  readonly origin: string
  /** When the token that asked for it expires, milliseconds since the epoch. */
  readonly expiresAt: number
}

/** Single-use tickets that stand in for a token where a client cannot set headers. Kept hashed. */
export interface Tickets {
  /** A ticket of 256 random bits, base64url, valid for `ttlMs`. */
  issue(grant: TicketGrant, ttlMs: number): Promise<string>
  /** The grant, once; null when unknown, used or expired. */
  redeem(ticket: string): Promise<TicketGrant | null>
}
