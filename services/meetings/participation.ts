import { AppError } from '../../errors.ts'
import type { ParticipantRecord } from '../../repositories/participants.ts'
import type { ParticipantList } from '../../schemas/meetings.ts'
import type { TicketGrant } from '../../state/tickets.ts'
import { type Principal, subjectOf } from '../principal.ts'
import { type Membership, membership, presentMembership, type RoomAccess } from './access.ts'
import { lobbyOf } from './capacity.ts'
import type { MeetingsDeps } from './deps.ts'
import type { Leaving } from './leaving.ts'
import { toParticipant } from './wire.ts'

const TICKET_TTL_SECONDS = 30

/** Being in a room, or at its door: who is there, tickets for sockets, leaving. */
export function createParticipation(deps: MeetingsDeps, { access }: RoomAccess, { leaveRoom }: Leaving) {
  const { rooms, participants } = deps
  const { presence, tickets } = deps.state

  /** Those present in a room, in the order in which they joined. */
  async function present(roomId: string): Promise<ParticipantRecord[]> {
    return participants.joinedAmong(roomId, await presence.list(roomId))
  }

  /** Those who wait at a room's door, oldest first. */
  async function lobby(roomId: string): Promise<ParticipantRecord[]> {
    return participants.waitingAmong(roomId, await presence.list(lobbyOf(roomId)))
  }

  /**
   * The caller as it is inside or at the door. Throws NOT_FOUND to whoever is nothing to the room, ROOM_ENDED, and FORBIDDEN to whoever
   * has not joined it, has left or was turned away.
   */
  async function participation(principal: Principal, roomCode: string): Promise<Membership> {
    const { room, participant } = await access(principal, roomCode)
    return presentMembership(room, participant)
  }

  return {
    participation,
    present,
    lobby,

    /** The participant a redeemed ticket stands for. Throws as `participation`; NOT_FOUND too for the ticket of another room. */
    async ticketParticipation(
      grant: Pick<TicketGrant, 'roomId' | 'participantId'>,
      roomCode: string,
    ): Promise<Membership> {
      const room = await rooms.findByCode(roomCode)
      if (!room || room.id !== grant.roomId) throw new AppError('NOT_FOUND')
      const participant = await participants.find(room.id, grant.participantId)
      if (!participant) throw new AppError('NOT_FOUND')
      return presentMembership(room, participant)
    },

    /**
     * Those present, and for hosts those who wait: for a participant who is inside, or a host. Throws NOT_FOUND, and FORBIDDEN to one who
     * is not inside.
     */
    async listPresent(principal: Principal, roomCode: string): Promise<ParticipantList> {
      const { room, participant, isHost } = await access(principal, roomCode)
      const isOpen = room.status !== 'ended'
      if (isOpen && !isHost) membership(room, participant)
      const inside = isOpen ? await present(room.id) : []
      const list = { participants: inside.map(toParticipant) }
      if (!isHost) return list
      return { ...list, lobby: isOpen ? (await lobby(room.id)).map(toParticipant) : [] }
    },

    /** A ticket for one socket, valid for 30 seconds, bound to the caller, the room and `origin` (empty when the call had none). */
    async issueTicket(
      principal: Principal,
      roomCode: string,
      origin: string,
    ): Promise<{ ticket: string; expires_in: number }> {
      const { room, participant } = await participation(principal, roomCode)
      const grant: TicketGrant = {
        roomId: room.id,
        participantId: participant.id,
        subject: subjectOf(principal),
        ...(principal.kind === 'api_key' ? { userId: principal.userId } : {}),
        sessionId: principal.sessionId,
        origin,
        expiresAt: principal.expiresAt,
      }
      return { ticket: await tickets.issue(grant, TICKET_TTL_SECONDS * 1000), expires_in: TICKET_TTL_SECONDS }
    },

    /** The caller leaves: its sockets learn of it by `participant.left`, and a guest's token ends. Leaving twice is leaving once. */
    async leave(principal: Principal, roomCode: string): Promise<void> {
      const { room, participant } = await access(principal, roomCode)
      if (participant && room.status !== 'ended') await leaveRoom(participant)
    },
  }
}
