import type { ParticipantRecord } from '../../repositories/participants.ts'
import { GUEST_TOKEN_TTL_SECONDS } from '../tokens.ts'
import { lobbyOf } from './capacity.ts'
import type { MeetingsDeps } from './deps.ts'
import { createNotices } from './notices.ts'

export type Leaving = ReturnType<typeof createLeaving>

/** How a participation ends: of its own accord, by a lost connection, with the account. */
export function createLeaving(deps: MeetingsDeps) {
  const { participants, now } = deps
  const { presence, revocations } = deps.state
  const notices = createNotices(deps.state.roomEvents)

  /** Ends a guest's token; a user's goes on. */
  async function endToken({ id, role }: ParticipantRecord, reason: 'left' | 'kicked'): Promise<void> {
    if (role !== 'guest') return
    await revocations.revoke([{ subject: `g:${id}`, sessionId: id, reason }], GUEST_TOKEN_TTL_SECONDS * 1000)
  }

  /** Takes all leases away, inside and at the door; tells whether there were any. */
  async function release({ id, room_id: roomId }: ParticipantRecord): Promise<{ inside: boolean; waiting: boolean }> {
    const [inside, waiting] = await Promise.all([presence.leave(roomId, id), presence.leave(lobbyOf(roomId), id)])
    return { inside, waiting }
  }

  async function leaveInside(participant: ParticipantRecord): Promise<void> {
    const { id, room_id: roomId } = participant
    const wasListed = (await presence.list(roomId)).includes(id)
    await participants.leave(id, now())
    const wasPresent = await presence.leave(roomId, id)
    await endToken(participant, 'left')
    if (wasListed || wasPresent) await notices.left(participant, 'left')
  }

  async function leaveLobby(participant: ParticipantRecord): Promise<void> {
    const door = lobbyOf(participant.room_id)
    // Its socket may close, and give its lease back, before that is done here.
    const wasListed = (await presence.list(door)).includes(participant.id)
    const withdrawn = await participants.withdraw(participant.id)
    if (withdrawn) await endToken(participant, 'left')
    const wasPresent = await presence.leave(door, participant.id)
    if (withdrawn && (wasListed || wasPresent)) await notices.lobbyLeft(participant)
    // It was let in between the look and the leave.
    const record = withdrawn ? null : await participants.find(participant.room_id, participant.id)
    if (record?.status === 'joined') await leaveInside(record)
  }

  /** The room is told at least once, also when a socket of the participant closes at the same time. */
  function leaveRoom(participant: ParticipantRecord): Promise<void> {
    return participant.status === 'waiting' ? leaveLobby(participant) : leaveInside(participant)
  }

  return {
    leaveRoom,
    release,
    endToken,

    /** Tells the room that a participant's last connection is gone; one that left of its own accord, or with the room, was told before. */
    async gone(roomId: string, participantId: string): Promise<void> {
      const record = await participants.find(roomId, participantId)
      if (record?.status === 'joined') await notices.left(record, 'gone')
    },

    /** The same of one who waited: hosts are told. It still waits, if it comes back before they decide. */
    async goneFromLobby(roomId: string, participantId: string): Promise<void> {
      const record = await participants.find(roomId, participantId)
      if (record?.status === 'waiting') await notices.lobbyLeft(record)
    },

    /** Takes a user that is being deleted out of others' rooms, and its name and words with it. */
    async forgetUser(userId: string): Promise<void> {
      for (const participant of await participants.openOfUser(userId)) await leaveRoom(participant)
      await deps.forgetWords(userId)
    },
  }
}
