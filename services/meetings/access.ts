import { AppError } from '../../errors.ts'
import type { ParticipantRecord } from '../../repositories/participants.ts'
import type { RoomRecord } from '../../repositories/rooms.ts'
import { type Principal, userIdOf } from '../principal.ts'
import type { MeetingsDeps } from './deps.ts'

/** What a caller is to a room. A host need not have joined it. */
export interface Access {
  room: RoomRecord
  participant: ParticipantRecord | null
  isHost: boolean
  /** The one host whose room it is; co-hosts are hosts, but not this one. */
  isOwner: boolean
}

export interface Membership {
  room: RoomRecord
  participant: ParticipantRecord
}

export type RoomAccess = ReturnType<typeof createAccess>

/** The object-level checks: who may know of a room, and who may rule it. */
export function createAccess({ rooms, participants }: Pick<MeetingsDeps, 'rooms' | 'participants'>) {
  async function participantOf(principal: Principal, room: RoomRecord): Promise<ParticipantRecord | null> {
    if (principal.kind !== 'guest') return participants.findByUser(room.id, principal.userId)
    return principal.roomId === room.id ? participants.find(room.id, principal.participantId) : null
  }

  /**
   * Throws NOT_FOUND to whoever is, and was, neither participant nor host: the room is not theirs to know of. Throws FORBIDDEN to whoever
   * was turned away at its door or put out. Those who wait to be let in pass.
   */
  async function access(principal: Principal, roomCode: string): Promise<Access> {
    const room = await rooms.findByCode(roomCode)
    if (!room) throw new AppError('NOT_FOUND')
    const participant = await participantOf(principal, room)
    const isOwner = isHostUser(principal, room)
    if (isOwner) return { room, participant, isHost: true, isOwner }
    if (!participant || participant.status === 'withdrawn') throw new AppError('NOT_FOUND')
    if (participant.status === 'rejected') throw new AppError('FORBIDDEN', 'A host did not let you in.')
    if (participant.status === 'kicked') throw new AppError('FORBIDDEN', 'A host put you out of this room.')
    return { room, participant, isHost: participant.role === 'co_host', isOwner }
  }

  return {
    access,
    participantOf,

    /** Throws as `access` does, and FORBIDDEN to a participant who is no host. */
    async hostAccess(principal: Principal, roomCode: string): Promise<Access> {
      const found = await access(principal, roomCode)
      if (!found.isHost) throw new AppError('FORBIDDEN', 'Only a host may do this.')
      return found
    },
  }
}

/** The one host whose room it is, or a key of theirs. */
export function isHostUser(principal: Principal, room: Pick<RoomRecord, 'host_user_id'>): boolean {
  const userId = userIdOf(principal)
  return userId !== null && userId === room.host_user_id
}

/** `hostAccess` found a room that is open. Throws ROOM_ENDED. */
export function open(access: Access): Access {
  if (access.room.status === 'ended') throw new AppError('ROOM_ENDED')
  return access
}

/** Inside, or at the door. Throws ROOM_ENDED, then FORBIDDEN for one that has not joined, or has left. */
export function presentMembership(room: RoomRecord, participant: ParticipantRecord | null): Membership {
  if (room.status === 'ended') throw new AppError('ROOM_ENDED')
  if (participant?.status !== 'joined' && participant?.status !== 'waiting')
    throw new AppError('FORBIDDEN', 'Join the room first.')
  return { room, participant }
}

/** Inside. Throws as `presentMembership`, and FORBIDDEN to one that waits. */
export function membership(room: RoomRecord, participant: ParticipantRecord | null): Membership {
  const found = presentMembership(room, participant)
  if (found.participant.status === 'waiting') throw new AppError('FORBIDDEN', 'Wait to be admitted.')
  return found
}
