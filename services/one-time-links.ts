import type { Database, Transaction } from '../repositories/database.ts'
import type { OneTimeTokensRepository } from '../repositories/one-time-tokens.ts'
import { hashSecret, isSecret, newSecret } from './secrets.ts'

export type Purpose = 'verify' | 'reset'

const HOUR_MS = 3_600_000
const LIFETIME_MS: Record<Purpose, number> = { verify: 24 * HOUR_MS, reset: HOUR_MS / 6 }
const PAGE: Record<Purpose, string> = { verify: 'verify-email', reset: 'reset-password' }
/**
 * A stranger cannot fill a mailbox: so many links in the window. The window is no longer than any link lives, so that whoever is
 * refused one has a living one in the mailbox: the bound locks nobody out.
 */
const WINDOW_MS = LIFETIME_MS.reset
const LINKS_IN_WINDOW = 5

export interface OneTimeLink {
  token: string
  /** The token is in the fragment, which browsers do not send: it reaches no server's log. */
  url: string
}

export interface OneTimeLinksOptions {
  database: Pick<Database, 'transaction'>
  oneTimeTokens: OneTimeTokensRepository
  publicUrl: string
  now?: () => Date
}

export type OneTimeLinks = ReturnType<typeof createOneTimeLinks>

/** Links that prove control of a mailbox, once and for a short time. Only their hashes are stored. */
export function createOneTimeLinks({
  database,
  oneTimeTokens,
  publicUrl,
  now = () => new Date(),
}: OneTimeLinksOptions) {
  return {
    /** A new link; the user's older ones of that purpose stop working. Null when too many were made of late. */
    issue: (userId: string, purpose: Purpose): Promise<OneTimeLink | null> =>
      database.transaction(async (tx) => {
        const at = now()
        const made = await oneTimeTokens.countSince(userId, purpose, new Date(at.getTime() - WINDOW_MS), tx)
        if (made >= LINKS_IN_WINDOW) return null
        const token = newSecret()
        await oneTimeTokens.voidAll(userId, purpose, at, tx)
        const expires_at = new Date(at.getTime() + LIFETIME_MS[purpose])
        await oneTimeTokens.insert(
          { token_hash: hashSecret(token), purpose, user_id: userId, created_at: at, expires_at },
          tx,
        )
        return { token, url: `${publicUrl.replace(/\/$/, '')}/${PAGE[purpose]}#token=${token}` }
      }),

    /** Takes back a link that could not be sent. */
    withdraw: (link: OneTimeLink): Promise<void> => oneTimeTokens.remove(hashSecret(link.token)),

    /** Whose link it is while it can be used; null otherwise. */
    userOf: async (token: string, purpose: Purpose): Promise<string | null> =>
      isSecret(token) ? oneTimeTokens.findUser(hashSecret(token), purpose, now()) : null,

    /** Uses a link up; its user, or null when it cannot be used. */
    consume: async (token: string, purpose: Purpose, tx: Transaction): Promise<string | null> =>
      isSecret(token) ? oneTimeTokens.consume(hashSecret(token), purpose, now(), tx) : null,

    /** Makes a user's open links of a purpose useless. */
    voidAll: (userId: string, purpose: Purpose, tx: Transaction): Promise<void> =>
      oneTimeTokens.voidAll(userId, purpose, now(), tx),

    /** Deletes what expired a day ago. */
    purge: (): Promise<void> => oneTimeTokens.deleteExpired(new Date(now().getTime() - 24 * HOUR_MS)),
  }
}
