import { AppError } from '../../errors.ts'
import type { Transaction } from '../../repositories/database.ts'
import type { ParticipantRecord } from '../../repositories/participants.ts'
import type { RoomRecord } from '../../repositories/rooms.ts'
import { hashSecret } from '../secrets.ts'
import type { MeetingsDeps } from './deps.ts'
import { foldName } from './identity.ts'

/** Who is at the door: a user, a guest that comes back with its token, or a new guest. */
export interface Entrant {
  id: string
  userId: string | null
  /** What it was in the room before. */
  before: ParticipantRecord | null
}

/** What an entrant shows. */
export interface Knock {
  displayName: string
  /** Of the address group it comes from, the one to store first. */
  addressDigests: readonly string[]
  /** The token of an invitation. */
  invitation: string | undefined
}

/** `invited`: let in by its invitation, which is to be redeemed with the entry. */
export type Entry = 'joined' | 'waiting' | 'invited'

/** Owners and co-hosts: never full, never waiting. */
export function isHostOf(room: RoomRecord, { userId, before }: Entrant): boolean {
  return (userId !== null && room.host_user_id === userId) || (before?.role === 'co_host' && before.status !== 'kicked')
}

/** Who comes in, who waits and who stays out. */
export function createDoor({ participants, invitations, now }: MeetingsDeps) {
  /** True for a guest from where somebody was put out. Throws FORBIDDEN when it has the same name too: it is known again. */
  async function resemblesKicked(
    room: RoomRecord,
    { userId }: Entrant,
    knock: Knock,
    tx?: Transaction,
  ): Promise<boolean> {
    if (userId) return false
    const names = await participants.kickedFrom(room.id, knock.addressDigests, tx)
    const name = foldName(knock.displayName)
    if (names.some((kicked) => foldName(kicked) === name)) throw putOut()
    return names.length > 0
  }

  async function isInvited(
    room: RoomRecord,
    { id }: Entrant,
    { invitation }: Knock,
    tx?: Transaction,
  ): Promise<boolean> {
    if (invitation === undefined) return false
    if (await invitations.isGood(hashSecret(invitation), room.id, id, now(), tx)) return true
    throw badInvitation()
  }

  return {
    /**
     * Decides on an entrant. Throws FORBIDDEN to whoever was kicked, and to guests without an invitation where the room does not allow
     * them; VALIDATION_ERROR for an invitation that is not good. Hosts and whoever is inside need none, and it is not looked at.
     */
    async decide(room: RoomRecord, entrant: Entrant, knock: Knock, tx?: Transaction): Promise<Entry> {
      if (isHostOf(room, entrant)) return 'joined'
      if (entrant.before?.status === 'kicked') throw putOut()
      if (entrant.before?.status === 'joined') return 'joined'
      const suspicious = await resemblesKicked(room, entrant, knock, tx)
      const invited = await isInvited(room, entrant, knock, tx)
      if (!entrant.userId && !room.allow_guests && !invited)
        throw new AppError('FORBIDDEN', 'This room does not allow guests.')
      if (suspicious) return 'waiting'
      if (invited) return 'invited'
      return room.lock_room ? 'waiting' : 'joined'
    },
  }
}

export function putOut(): AppError {
  return new AppError('FORBIDDEN', 'A host put you out of this room.')
}

export function badInvitation(): AppError {
  const details = [{ field: 'body.invitation', message: 'is not valid, has expired or was used by somebody else' }]
  return new AppError('VALIDATION_ERROR', undefined, { details })
}
