import type { ParticipantRecord } from '../../repositories/participants.ts'
import type { Participant } from '../../schemas/meetings.ts'
import type { RoomEvents } from '../../state/room-events.ts'
import { toParticipant } from './wire.ts'

/** Why somebody is no longer in a room. `gone`: the connection was lost. */
export type LeftReason = 'left' | 'kicked' | 'gone'

export type Notices = ReturnType<typeof createNotices>

/** What a room is told of its people. Everything throws StateUnavailableError. */
export function createNotices({ append, send }: Pick<RoomEvents, 'append' | 'send'>) {
  const about = (type: string, record: ParticipantRecord) => ({ type, participant: toParticipant(record) })
  /** To hosts and to the one it is about; nobody else inside learns who is at the door. */
  const atTheDoor = (roomId: string, type: string, participant: Participant) =>
    send(roomId, { type, participant, to: { hosts: true, participants: [participant.id] } })

  return {
    joined: (record: ParticipantRecord) => append(record.room_id, about('participant.joined', record)),
    updated: (record: ParticipantRecord) => append(record.room_id, about('participant.updated', record)),
    left: (record: ParticipantRecord, reason: LeftReason) =>
      append(record.room_id, { ...about('participant.left', record), reason }),

    /** Somebody knocked. */
    waiting: (record: ParticipantRecord) =>
      send(record.room_id, { ...about('lobby.waiting', record), to: { hosts: true } }),
    /** Somebody who waited went away. */
    lobbyLeft: (record: ParticipantRecord) =>
      send(record.room_id, { ...about('lobby.left', record), to: { hosts: true } }),
    /** Somebody who waits chose another language. */
    waitingUpdated: (record: ParticipantRecord) =>
      atTheDoor(record.room_id, 'participant.updated', toParticipant(record)),
    admitted: (record: ParticipantRecord) => atTheDoor(record.room_id, 'lobby.admitted', toParticipant(record)),
    rejected: (record: ParticipantRecord) =>
      atTheDoor(record.room_id, 'lobby.rejected', { ...toParticipant(record), status: 'waiting' }),
  }
}
