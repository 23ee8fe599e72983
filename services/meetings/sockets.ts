import { AppError } from '../../errors.ts'
import type { ParticipantRecord } from '../../repositories/participants.ts'
import type { RoomRecord } from '../../repositories/rooms.ts'
import { presentMembership } from './access.ts'
import { LOBBY_PLACES, lobbyOf, placesFor } from './capacity.ts'
import { JOIN_LEASE, type MeetingsDeps } from './deps.ts'
import type { Leaving } from './leaving.ts'
import { createNotices } from './notices.ts'

/** How often it is written down at most that the host is in its room. */
const HOST_SEEN_EVERY_MS = 60_000

/** Being in a room, or at its door, by a socket. */
export function createSockets(deps: MeetingsDeps, { gone, goneFromLobby }: Leaving) {
  const { rooms, participants, now } = deps
  const { presence, roomEvents } = deps.state
  const notices = createNotices(roomEvents)

  type Entering = Pick<ParticipantRecord, 'id' | 'role'>

  /** Runs `enter` while the participant holds the lease; gives it back when that fails. */
  async function holding<T>(
    space: string,
    id: string,
    connectionId: string,
    places: number,
    enter: Enter<T>,
  ): Promise<T> {
    const entry = await presence.enter(space, id, connectionId, places)
    if (entry === 'full') throw new AppError('ROOM_FULL')
    try {
      return await enter(entry === 'entered')
    } catch (error) {
      await presence.leave(space, id, connectionId).catch(() => undefined)
      throw error
    }
  }

  /** The participant and its room as they are now. Read after the lease is taken: what happens later takes the lease away. */
  async function current(roomId: string, id: string, status: string) {
    const room = await rooms.findById(roomId)
    if (!room) throw new AppError('NOT_FOUND')
    const found = presentMembership(room, await participants.find(roomId, id))
    if (found.participant.status !== status) throw new MovedError()
    return found
  }

  function enterRoom(room: Pick<RoomRecord, 'id' | 'max_participants'>, { id, role }: Entering, connectionId: string) {
    return holding(room.id, id, connectionId, placesFor(room, role), async (isNew) => {
      const { room: open, participant } = await current(room.id, id, 'joined')
      await presence.leave(room.id, id, JOIN_LEASE)
      await presence.setListening(room.id, id, participant.listening_language)
      if (participant.user_id === open.host_user_id) await rooms.hostSeen(room.id, [id], now(), HOST_SEEN_EVERY_MS)
      if (isNew) await notices.joined(participant)
      return participant
    })
  }

  function enterLobby(roomId: string, { id }: Entering, connectionId: string) {
    return holding(lobbyOf(roomId), id, connectionId, LOBBY_PLACES, async (isNew) => {
      const { participant } = await current(roomId, id, 'waiting')
      await presence.leave(lobbyOf(roomId), id, JOIN_LEASE)
      if (isNew) await notices.waiting(participant)
      return participant
    })
  }

  return {
    /**
     * A socket of a participant stands: it takes a lease of its own, inside or at the door, and gives back the one of the join call. Room
     * or hosts are told when the participant was not present before. Resolves to the participant as it is now. Throws ROOM_FULL,
     * ROOM_ENDED, FORBIDDEN (it left, or was turned away, in the meantime) and NOT_FOUND (the room is gone), each with nothing taken.
     */
    async enterSocket(
      room: Pick<RoomRecord, 'id' | 'max_participants'>,
      participant: Pick<ParticipantRecord, 'id' | 'role' | 'status'>,
      connectionId: string,
    ): Promise<ParticipantRecord> {
      const enter = (waiting: boolean) =>
        waiting ? enterLobby(room.id, participant, connectionId) : enterRoom(room, participant, connectionId)
      const isWaiting = participant.status === 'waiting'
      try {
        return await enter(isWaiting)
      } catch (error) {
        // Between the caller's look and the lease it was let in, or knocked anew.
        if (error instanceof MovedError) return enter(!isWaiting).catch(settled)
        throw error
      }
    },

    /** A socket is gone. Room or hosts are told when it was the participant's last connection; the participant may come back. */
    async leaveSocket(roomId: string, participantId: string, connectionId: string): Promise<void> {
      const [inside, waiting] = await Promise.all([
        presence.leave(roomId, participantId, connectionId),
        presence.leave(lobbyOf(roomId), participantId, connectionId),
      ])
      if (inside) await gone(roomId, participantId)
      if (waiting) await goneFromLobby(roomId, participantId)
    },

    /** Tells of those whose connections died without a word, and notes that the host is there. Call now and then, on any process. */
    async sweep(roomId: string): Promise<void> {
      for (const participantId of await presence.sweep(roomId)) await gone(roomId, participantId)
      for (const participantId of await presence.sweep(lobbyOf(roomId))) await goneFromLobby(roomId, participantId)
      await rooms.hostSeen(roomId, await presence.list(roomId), now(), HOST_SEEN_EVERY_MS)
    },
  }
}

type Enter<T> = (isNew: boolean) => Promise<T>

/** The participant is on the other side of the door than it was. */
class MovedError extends Error {
  override readonly name = 'MovedError'
}

/** One that moves to and fro while a socket opens is told to try again. */
function settled(error: unknown): never {
  throw error instanceof MovedError ? new AppError('CONFLICT') : error
}
