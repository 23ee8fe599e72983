import { AppError } from '../../errors.ts'
import type { ParticipantRecord } from '../../repositories/participants.ts'
import type { RoomRecord } from '../../repositories/rooms.ts'
import type { AdmittedAll, Participant, RejectedAll } from '../../schemas/meetings.ts'
import type { Principal } from '../principal.ts'
import { open, type RoomAccess } from './access.ts'
import { lobbyOf, placesFor } from './capacity.ts'
import { JOIN_LEASE, type MeetingsDeps } from './deps.ts'
import { createNotices } from './notices.ts'
import { toParticipant } from './wire.ts'

/** What hosts decide about those who wait. Every call throws NOT_FOUND, FORBIDDEN and ROOM_ENDED. */
export function createLobby(
  deps: MeetingsDeps,
  { hostAccess }: RoomAccess,
  lobby: (roomId: string) => Promise<ParticipantRecord[]>,
) {
  const { audit, rooms, participants, now } = deps
  const { presence, roomEvents } = deps.state
  const notices = createNotices(roomEvents)

  const openRoom = async (principal: Principal, roomCode: string) => open(await hostAccess(principal, roomCode)).room

  /** Lets one in who waits; null when it no longer waits. Throws ROOM_FULL, with nothing changed. One that is inside stays inside. */
  async function letIn(room: RoomRecord, { id, role }: ParticipantRecord): Promise<ParticipantRecord | null> {
    const entry = await presence.enter(room.id, id, JOIN_LEASE, placesFor(room, role))
    if (entry === 'full') throw new AppError('ROOM_FULL')
    const giveBack = async () => void (entry === 'entered' && (await presence.leave(room.id, id, JOIN_LEASE)))
    const record = await write(room, id).catch(async (error: unknown) => {
      await giveBack().catch(() => undefined)
      throw error
    })
    if (!record) {
      const now = await participants.find(room.id, id)
      // Another host was faster: the place is in use.
      if (now?.status === 'joined') return now
      await giveBack()
      return null
    }
    await presence.setListening(room.id, id, record.listening_language)
    await presence.leave(lobbyOf(room.id), id)
    await notices.joined(record)
    await notices.admitted(record)
    return record
  }

  /** While the room is kept from ending. */
  function write(room: RoomRecord, id: string): Promise<ParticipantRecord | null> {
    return audit.transaction(async (tx, record) => {
      const current = await rooms.openForEntry(room.id, tx)
      if (!current) throw new AppError('NOT_FOUND')
      if (current.status === 'ended') throw new AppError('ROOM_ENDED')
      const admitted = await participants.admit(id, now(), tx)
      if (admitted) record({ action: 'participant_admitted', outcome: 'success', subject: id, roomId: room.id })
      return admitted
    })
  }

  async function turnAway(room: RoomRecord, id: string): Promise<ParticipantRecord | null> {
    const rejected = await audit.transaction(async (tx, record) => {
      const rejected = await participants.reject(id, tx)
      if (rejected) record({ action: 'participant_rejected', outcome: 'success', subject: id, roomId: room.id })
      return rejected
    })
    if (!rejected) return null
    await presence.leave(lobbyOf(room.id), id)
    await notices.rejected(rejected)
    return rejected
  }

  return {
    /** Lets one in who waits. Throws ROOM_FULL; NOT_FOUND too for one who does not wait. Admitting twice is admitting once. */
    async admit(principal: Principal, roomCode: string, participantId: string): Promise<Participant> {
      const room = await openRoom(principal, roomCode)
      const found = await participants.find(room.id, participantId)
      if (found?.status === 'joined') return toParticipant(found)
      const record = found?.status === 'waiting' ? await letIn(room, found) : null
      if (!record) throw new AppError('NOT_FOUND', 'Nobody waits under this id.')
      return toParticipant(record)
    },

    /** Sends one away who waits; it may knock again. Throws CONFLICT for one that is inside. Rejecting twice is rejecting once. */
    async reject(principal: Principal, roomCode: string, participantId: string): Promise<void> {
      const room = await openRoom(principal, roomCode)
      const found = await participants.find(room.id, participantId)
      if (found?.status === 'waiting' && (await turnAway(room, participantId))) return
      const current = await participants.find(room.id, participantId)
      if (current?.status === 'joined') throw new AppError('CONFLICT', 'This participant is inside already.')
      if (current?.status !== 'rejected') throw new AppError('NOT_FOUND', 'Nobody waits under this id.')
    },

    /** Lets in those who wait, oldest first, until the room is full. Answers who came in, and who waits on. */
    async admitAll(principal: Principal, roomCode: string): Promise<AdmittedAll> {
      const room = await openRoom(principal, roomCode)
      const queue = await lobby(room.id)
      const admitted: ParticipantRecord[] = []
      try {
        for (const waiting of queue) {
          const record = await letIn(room, waiting)
          if (record) admitted.push(record)
        }
      } catch (error) {
        if (!(error instanceof AppError && error.code === 'ROOM_FULL')) throw error
      }
      const left = await lobby(room.id)
      return { admitted: admitted.map(toParticipant), waiting: left.map(toParticipant) }
    },

    /** Sends everybody away who waits. Answers whom. */
    async rejectAll(principal: Principal, roomCode: string): Promise<RejectedAll> {
      const room = await openRoom(principal, roomCode)
      const rejected: ParticipantRecord[] = []
      for (const { id } of await lobby(room.id)) {
        const record = await turnAway(room, id)
        if (record) rejected.push(record)
      }
      return { rejected: rejected.map(toParticipant) }
    },
  }
}
