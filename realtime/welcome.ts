import type { Participant } from '../schemas/meetings.ts'
import type { Connection } from './connection.ts'
import type { SocketMeetings } from './ports.ts'
import type { Room } from './room.ts'

export interface WelcomeDeps {
  meetings: Pick<SocketMeetings, 'present' | 'lobby' | 'toParticipant' | 'toRoom'>
  /** What `welcome` says of the languages. */
  languages: () => unknown
  now: () => Date
}

export type Welcome = ReturnType<typeof createWelcome>

/** The first frame of a socket, and of one that was let in from the lobby: what is there. */
export function createWelcome({ meetings, languages, now }: WelcomeDeps) {
  const frame = (room: Room, { participant }: Connection, participants: Participant[], seq: number) => ({
    type: 'welcome',
    participant: meetings.toParticipant(participant),
    participants,
    room: meetings.toRoom(room.record),
    seq,
    languages: languages(),
    at: now().toISOString(),
  })

  return {
    /** For one at the door: the room, and nothing of who is in it. */
    outside(room: Room, connection: Connection): void {
      connection.outbox.send(frame(room, connection, [], room.seq))
    },

    /**
     * From here on nothing is missed: events up to the `seq` of the frame are in its lists, later ones are held until `release`.
     * Resolves to whether the participant is present.
     */
    async inside(room: Room, connection: Connection): Promise<boolean> {
      const { seq, record } = room
      const { outbox } = connection
      outbox.low = seq
      outbox.high = seq
      outbox.hold()
      room.add(connection)
      const present = await meetings.present(record.id)
      const self = present.find(({ id }) => id === connection.participant.id)
      if (self) connection.participant = self
      const waiting = connection.isHost ? await meetings.lobby(record.id) : null
      outbox.send({
        ...frame(room, connection, present.map(meetings.toParticipant), seq),
        ...(waiting ? { lobby: waiting.map(meetings.toParticipant) } : {}),
      })
      return self !== undefined
    },
  }
}
