import { coalesce } from './coalesce.ts'
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
  const frame = (room: Room, { participant }: Connection, seq: number) => ({
    type: 'welcome',
    participant: meetings.toParticipant(participant),
    room: meetings.toRoom(room.record),
    seq,
    languages: languages(),
    at: now().toISOString(),
  })
  /** Of a room that many enter at once each would list all of them: who comes at the same time shares the list, and its JSON. */
  const present = coalesce(async (roomId) => {
    const records = await meetings.present(roomId)
    return {
      byId: new Map(records.map((record) => [record.id, record])),
      json: JSON.stringify(records.map(meetings.toParticipant)),
    }
  })

  return {
    /** For one at the door: the room, and nothing of who is in it. */
    outside(room: Room, connection: Connection): void {
      connection.outbox.send({ ...frame(room, connection, room.seq), participants: [] })
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
      const { byId, json } = await present(record.id)
      const self = byId.get(connection.participant.id)
      if (self) connection.participant = self
      const waiting = connection.isHost ? await meetings.lobby(record.id) : null
      const rest = JSON.stringify({
        ...frame(room, connection, seq),
        ...(waiting ? { lobby: waiting.map(meetings.toParticipant) } : {}),
      })
      outbox.sendJson(`${rest.slice(0, -1)},"participants":${json}}`)
      return self !== undefined
    },
  }
}
