import type { InvitationsRepository } from '../repositories/invitations.ts'
import type { RoomRecord } from '../repositories/rooms.ts'
import { hashSecret, newSecret } from './secrets.ts'

const DAY_MS = 86_400_000
const LIFETIME_MS = 7 * DAY_MS

export interface InvitationLink {
  token: string
  /** The token is in the fragment, which browsers do not send: it reaches no server's log. */
  url: string
  expiresAt: Date
}

export interface InvitationLinksOptions {
  invitations: Pick<InvitationsRepository, 'insert' | 'remove' | 'deleteExpired'>
  /** The base of links, without a slash at its end. */
  publicUrl: string
  now?: () => Date
}

export type InvitationLinks = ReturnType<typeof createInvitationLinks>

/** Links that let one person into a room, once. Only their hashes are stored. */
export function createInvitationLinks({ invitations, publicUrl, now = () => new Date() }: InvitationLinksOptions) {
  return {
    /** A new link, good for seven days; for a scheduled room until the day after, and for a day at least. */
    async issue(room: Pick<RoomRecord, 'id' | 'room_code' | 'scheduled_at'>, email: string): Promise<InvitationLink> {
      const token = newSecret()
      const at = now()
      const scheduled = room.scheduled_at && Math.max(room.scheduled_at.getTime(), at.getTime()) + DAY_MS
      const expiresAt = new Date(scheduled ?? at.getTime() + LIFETIME_MS)
      const invitation = { room_id: room.id, email, created_at: at, expires_at: expiresAt }
      await invitations.insert({ ...invitation, token_hash: hashSecret(token) })
      return { token, url: `${publicUrl}/join/${room.room_code}#invitation=${token}`, expiresAt }
    },

    /** Takes back a link that could not be sent. */
    withdraw: (link: InvitationLink): Promise<void> => invitations.remove(hashSecret(link.token)),

    /** Deletes what expired a day ago. */
    purge: (): Promise<void> => invitations.deleteExpired(new Date(now().getTime() - DAY_MS)),
  }
}
