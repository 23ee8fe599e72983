import { AppError } from '../errors.ts'
import type { Connection } from './connection.ts'
import type { AnyEvent } from './frames.ts'
import { CLOSE } from './limits.ts'
import type { SocketMeetings } from './ports.ts'
import type { Room } from './room.ts'
import type { Welcome } from './welcome.ts'

export interface LobbyDeps {
  meetings: Pick<SocketMeetings, 'participation' | 'enterSocket' | 'lobby' | 'toParticipant'>
  welcome: Welcome
  now: () => Date
}

/** The sockets of those who wait, and what hosts hear of them. */
export interface Lobby {
  /**
   * Looks at what became of a waiting one, and acts on it: lets it in, turns it away, or leaves it waiting. Throws what says that a
   * dependency is down; then it waits on.
   */
  look(room: Room, connection: Connection): Promise<void>
  /** The same for every waiting one of the room here that is not known to wait. */
  check(room: Room): Promise<void>
  reject(connection: Connection, event: AnyEvent): void
  /** Tells one who became a host who waits. */
  introduce(room: Room, connection: Connection): Promise<void>
}

export function createLobby({ meetings, welcome, now }: LobbyDeps): Lobby {
  /** Those being looked at, and whether they are to be looked at again: something happened meanwhile. */
  const looking = new Map<Connection, { again: boolean }>()

  async function look(room: Room, connection: Connection): Promise<void> {
    const current = looking.get(connection)
    if (current) {
      current.again = true
      return
    }
    const turn = { again: true }
    looking.set(connection, turn)
    try {
      while (turn.again && !connection.inside && !connection.closing) {
        turn.again = false
        await enter(room, connection)
      }
    } finally {
      looking.delete(connection)
    }
  }

  async function enter(room: Room, connection: Connection): Promise<void> {
    const { principal, connectionId } = connection.admission
    const membership = () => meetings.participation(principal, room.record.room_code)
    try {
      const { room: record, participant } = await membership()
      // A place inside, or at the door again: that lease may have been lost.
      const entered = await meetings.enterSocket(record, participant, connectionId)
      if (entered.status !== 'waiting' && !connection.closing) await letIn(room, connection, entered)
    } catch (error) {
      // Refused a place: only the membership tells one who was turned away from one who went away.
      turnAway(connection, codeOf(error) === 'FORBIDDEN' ? await membership().catch((why: unknown) => why) : error)
    }
  }

  async function letIn(room: Room, connection: Connection, participant: Connection['participant']): Promise<void> {
    connection.participant = participant
    connection.outbox.send(frameOf('lobby.admitted', connection))
    try {
      await welcome.inside(room, connection)
    } catch {
      connection.close(CLOSE.unavailable, 'a dependency is down: retry')
    } finally {
      connection.outbox.release()
    }
  }

  function turnAway(connection: Connection, why: unknown): void {
    const code = codeOf(why)
    if (code === 'ROOM_ENDED') connection.close(CLOSE.roomEnded, 'the room has ended')
    else if (code === 'ROOM_FULL') connection.close(CLOSE.overloaded, 'the room is full')
    else if (code === 'NOT_FOUND') connection.close(CLOSE.left, 'left')
    else if (code === 'FORBIDDEN') {
      connection.outbox.send(frameOf('lobby.rejected', connection))
      connection.close(CLOSE.forbidden, 'not let in')
    } else if (why instanceof Error) throw why
  }

  const frameOf = (type: string, { participant }: Connection) => ({
    type,
    participant: meetings.toParticipant(participant),
    at: now().toISOString(),
  })

  return {
    look,
    async check(room) {
      const waiting = [...room.connections].filter(({ inside, closing }) => !inside && !closing)
      if (waiting.length === 0) return
      const known = new Set((await meetings.lobby(room.record.id)).map(({ id }) => id))
      for (const connection of waiting) if (!known.has(connection.participant.id)) await look(room, connection)
    },
    reject(connection, { type, participant, at }) {
      if (connection.inside) return
      connection.outbox.send({ type, participant, at })
      connection.close(CLOSE.forbidden, 'not let in')
    },
    async introduce(room, connection) {
      for (const record of await meetings.lobby(room.record.id)) {
        const participant = meetings.toParticipant(record)
        connection.outbox.send({ type: 'lobby.waiting', participant, at: now().toISOString() })
      }
    },
  }
}

const codeOf = (error: unknown) => (error instanceof AppError ? error.code : null)
