import { AppError } from '../../errors.ts'
import type { ParticipantRecord } from '../../repositories/participants.ts'
import type { RoomRecord } from '../../repositories/rooms.ts'
import type { Participant } from '../../schemas/meetings.ts'
import type { TicketGrant } from '../../state/tickets.ts'
import { type Principal, subjectOf } from '../principal.ts'
import { GUEST_TOKEN_TTL_SECONDS } from '../tokens.ts'
import { type Membership, membership, type RoomAccess } from './access.ts'
import { placesFor } from './capacity.ts'
import { JOIN_LEASE, type MeetingsDeps } from './deps.ts'
import { toParticipant } from './wire.ts'

const TICKET_TTL_SECONDS = 30
/** Stands where the name of a deleted user stood. */
const FORMER_PARTICIPANT = 'Former participant'

/** Being in a room: its sockets, languages, and leaving it. */
export function createParticipation(deps: MeetingsDeps, { access }: RoomAccess) {
  const { rooms, participants, now } = deps
  const { presence, roomEvents, revocations, tickets } = deps.state

  /** Those present in a room, in the order in which they joined. */
  async function present(roomId: string): Promise<ParticipantRecord[]> {
    return participants.joinedAmong(roomId, await presence.list(roomId))
  }

  /** Throws NOT_FOUND to whoever is nothing to the room, ROOM_ENDED, and FORBIDDEN to whoever has not joined it or has left. */
  async function participation(principal: Principal, roomCode: string): Promise<Membership> {
    const { room, participant } = await access(principal, roomCode)
    return membership(room, participant)
  }

  /** Tells the room that a participant's last connection is gone; one that left of its own accord, or with the room, was told before. */
  async function gone(roomId: string, participantId: string): Promise<void> {
    const record = await participants.find(roomId, participantId)
    if (record?.status !== 'joined') return
    await roomEvents.append(roomId, { type: 'participant.left', participant: toParticipant(record) })
  }

  /** The room is told at least once, also when a socket of the participant closes at the same time. */
  async function leaveRoom(participant: ParticipantRecord): Promise<void> {
    const { id, room_id: roomId } = participant
    const wasListed = (await presence.list(roomId)).includes(id)
    await participants.leave(id, now())
    const wasPresent = await presence.leave(roomId, id)
    if (participant.role === 'guest') {
      const revocation = { subject: `g:${id}`, sessionId: id, reason: 'left' } as const
      await revocations.revoke([revocation], GUEST_TOKEN_TTL_SECONDS * 1000)
    }
    if (wasListed || wasPresent)
      await roomEvents.append(roomId, { type: 'participant.left', participant: toParticipant(participant) })
  }

  return {
    participation,
    present,

    /** The participant a redeemed ticket stands for. Throws as `participation`; NOT_FOUND too for the ticket of another room. */
    async ticketParticipation(
      grant: Pick<TicketGrant, 'roomId' | 'participantId'>,
      roomCode: string,
    ): Promise<Membership> {
      const room = await rooms.findByCode(roomCode)
      if (!room || room.id !== grant.roomId) throw new AppError('NOT_FOUND')
      const participant = await participants.find(room.id, grant.participantId)
      if (!participant) throw new AppError('NOT_FOUND')
      return membership(room, participant)
    },

    /** Those present, for a participant who is inside or a host. Throws NOT_FOUND, and FORBIDDEN to one who is not inside. */
    async listPresent(principal: Principal, roomCode: string): Promise<{ participants: Participant[] }> {
      const { room, participant, isHost } = await access(principal, roomCode)
      if (room.status === 'ended') return { participants: [] }
      if (!isHost) membership(room, participant)
      return { participants: (await present(room.id)).map(toParticipant) }
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
        sessionId: principal.sessionId,
        origin,
        expiresAt: principal.expiresAt,
      }
      return { ticket: await tickets.issue(grant, TICKET_TTL_SECONDS * 1000), expires_in: TICKET_TTL_SECONDS }
    },

    /**
     * Persists the languages of a participant and tells the room. `listening` also decides what the room is translated to.
     * Throws NOT_FOUND when the participant is gone.
     */
    async setLanguages(
      room: Pick<RoomRecord, 'id'>,
      participant: Pick<ParticipantRecord, 'id'>,
      { speaking, listening }: { speaking?: string | undefined; listening?: string | undefined },
    ): Promise<ParticipantRecord> {
      const languages = {
        ...(speaking === undefined ? {} : { speaking_language: speaking }),
        ...(listening === undefined ? {} : { listening_language: listening }),
      }
      const record =
        speaking === undefined && listening === undefined
          ? await participants.find(room.id, participant.id)
          : await participants.setLanguages(participant.id, languages)
      if (!record) throw new AppError('NOT_FOUND')
      if (listening !== undefined) await presence.setListening(room.id, record.id, record.listening_language)
      await roomEvents.append(room.id, { type: 'participant.updated', participant: toParticipant(record) })
      return record
    },

    /**
     * A socket of a participant stands: it takes a lease of its own and gives back the one of the join call. The room is told when the
     * participant was not present before. Resolves to the participant as it is now. Throws ROOM_FULL, ROOM_ENDED, FORBIDDEN (it left in
     * the meantime) and NOT_FOUND (the room is gone), each with nothing taken.
     */
    async enterSocket(
      room: Pick<RoomRecord, 'id' | 'max_participants'>,
      participant: Pick<ParticipantRecord, 'id' | 'role'>,
      connectionId: string,
    ): Promise<ParticipantRecord> {
      const { id } = participant
      const entry = await presence.enter(room.id, id, connectionId, placesFor(room, participant.role))
      if (entry === 'full') throw new AppError('ROOM_FULL')
      try {
        // Read after the lease is taken: an end or a leave before it is seen here, one after it takes the lease away.
        const now = await rooms.findById(room.id)
        if (!now) throw new AppError('NOT_FOUND')
        const { participant: record } = membership(now, await participants.find(room.id, id))
        await presence.leave(room.id, id, JOIN_LEASE)
        await presence.setListening(room.id, id, record.listening_language)
        if (entry === 'entered') {
          await roomEvents.append(room.id, { type: 'participant.joined', participant: toParticipant(record) })
        }
        return record
      } catch (error) {
        await presence.leave(room.id, id, connectionId).catch(() => undefined)
        throw error
      }
    },

    /** A socket is gone. The room is told when it was the participant's last connection; the participant may come back. */
    async leaveSocket(roomId: string, participantId: string, connectionId: string): Promise<void> {
      if (await presence.leave(roomId, participantId, connectionId)) await gone(roomId, participantId)
    },

    /** Tells the room of those whose connections died without a word. Call now and then, on any process. */
    async sweep(roomId: string): Promise<void> {
      for (const participantId of await presence.sweep(roomId)) await gone(roomId, participantId)
    },

    /** The caller leaves: its sockets learn of it by `participant.left`, and a guest's token ends. Leaving twice is leaving once. */
    async leave(principal: Principal, roomCode: string): Promise<void> {
      const { room, participant } = await access(principal, roomCode)
      if (participant && room.status !== 'ended') await leaveRoom(participant)
    },

    /** Takes a user that is being deleted out of others' rooms, and its name with it. */
    async forgetUser(userId: string): Promise<void> {
      for (const participant of await participants.joinedOfUser(userId)) await leaveRoom(participant)
      await participants.anonymise(userId, FORMER_PARTICIPANT)
    },
  }
}
