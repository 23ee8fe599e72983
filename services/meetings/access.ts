import { AppError } from '../../errors.ts'
import type { ParticipantRecord } from '../../repositories/participants.ts'
import type { RoomRecord } from '../../repositories/rooms.ts'
import type { Principal } from '../principal.ts'
import type { MeetingsDeps } from './deps.ts'

/** What a caller is to a room. A host need not have joined it. */
export interface Access {
  room: RoomRecord
  participant: ParticipantRecord | null
  isHost: boolean
}

export interface Membership {
  room: RoomRecord
  participant: ParticipantRecord
}

export type RoomAccess = ReturnType<typeof createAccess>

/** The object-level checks: who may know of a room, and who may rule it. */
export function createAccess({ rooms, participants }: Pick<MeetingsDeps, 'rooms' | 'participants'>) {
  async function participantOf(principal: Principal, room: RoomRecord): Promise<ParticipantRecord | null> {
    if (principal.kind === 'user') return participants.findByUser(room.id, principal.userId)
    return principal.roomId === room.id ? participants.find(room.id, principal.participantId) : null
  }

  /** Throws NOT_FOUND to whoever is, and was, neither participant nor host: the room is not theirs to know of. */
  async function access(principal: Principal, roomCode: string): Promise<Access> {
    const room = await rooms.findByCode(roomCode)
    if (!room) throw new AppError('NOT_FOUND')
    const participant = await participantOf(principal, room)
    const isOwner = principal.kind === 'user' && principal.userId === room.host_user_id
    const isHost = isOwner || participant?.role === 'co_host'
    if (!participant && !isHost) throw new AppError('NOT_FOUND')
    return { room, participant, isHost }
  }

  return {
    access,
    participantOf,

    /** Throws NOT_FOUND as `access` does, and FORBIDDEN to a participant who is no host. */
    async hostAccess(principal: Principal, roomCode: string): Promise<Access> {
      const found = await access(principal, roomCode)
      if (!found.isHost) throw new AppError('FORBIDDEN', 'Only a host may do this.')
      return found
    },
  }
}

/** Throws ROOM_ENDED, then FORBIDDEN for one that has not joined, or has left. */
export function membership(room: RoomRecord, participant: ParticipantRecord | null): Membership {
  if (room.status === 'ended') throw new AppError('ROOM_ENDED')
  if (participant?.status !== 'joined') throw new AppError('FORBIDDEN', 'Join the room first.')
  return { room, participant }
}
