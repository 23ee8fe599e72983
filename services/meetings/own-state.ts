import { AppError } from '../../errors.ts'
import type { ParticipantRecord, ParticipantState } from '../../repositories/participants.ts'
import type { RoomRecord } from '../../repositories/rooms.ts'
import type { MeetingsDeps } from './deps.ts'
import { createNotices } from './notices.ts'

/** What a participant says of itself. A field that is absent keeps its value. */
export interface LanguageChoice {
  speaking?: string | undefined
  listening?: string | undefined
  spoken_output?: boolean | undefined
}

/** Languages and state that a participant sets for itself. */
export function createOwnState({ participants, state }: MeetingsDeps) {
  const notices = createNotices(state.roomEvents)

  return {
    /**
     * Persists the languages of a participant and tells the room; of one who waits only hosts are told. `listening` also decides what the
     * room is translated to. Throws NOT_FOUND when the participant is gone.
     */
    async setLanguages(
      room: Pick<RoomRecord, 'id'>,
      participant: Pick<ParticipantRecord, 'id'>,
      { speaking, listening, spoken_output }: LanguageChoice,
    ): Promise<ParticipantRecord> {
      const choice = {
        ...(speaking === undefined ? {} : { speaking_language: speaking }),
        ...(listening === undefined ? {} : { listening_language: listening }),
        ...(spoken_output === undefined ? {} : { spoken_output }),
      }
      const record =
        Object.keys(choice).length === 0
          ? await participants.find(room.id, participant.id)
          : await participants.setLanguages(participant.id, choice)
      if (!record) throw new AppError('NOT_FOUND')
      if (record.status === 'waiting') {
        await notices.waitingUpdated(record)
        return record
      }
      if (listening !== undefined) await state.presence.setListening(room.id, record.id, record.listening_language)
      await notices.updated(record)
      return record
    },

    /** Persists muted, hand and camera, and tells the room. Throws FORBIDDEN to one that is not inside. */
    async setState(
      room: Pick<RoomRecord, 'id'>,
      participant: Pick<ParticipantRecord, 'id'>,
      { muted, hand, camera }: { [name in keyof ParticipantState]?: boolean | undefined },
    ): Promise<ParticipantRecord> {
      const change = {
        ...(muted === undefined ? {} : { muted }),
        ...(hand === undefined ? {} : { hand }),
        ...(camera === undefined ? {} : { camera }),
      }
      const record =
        Object.keys(change).length === 0
          ? await participants.find(room.id, participant.id)
          : await participants.setState(participant.id, change)
      if (record?.status !== 'joined') throw new AppError('FORBIDDEN', 'Join the room first.')
      await notices.updated(record)
      return record
    },
  }
}
