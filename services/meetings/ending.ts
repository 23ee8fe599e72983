import type { RoomRecord } from '../../repositories/rooms.ts'
import { GUEST_TOKEN_TTL_SECONDS } from '../tokens.ts'
import { lobbyOf } from './capacity.ts'
import type { MeetingsDeps } from './deps.ts'

/** Why a room ends. */
export type EndReason = 'host' | 'room_deleted' | 'user_deleted' | 'unattended'

export type Ending = ReturnType<typeof createEnding>

/** How a room ends for everybody. */
export function createEnding({ audit, rooms, participants, state, closePolls, now }: MeetingsDeps) {
  const { presence, roomEvents, revocations } = state

  /** The row says first that the room has ended; the record, or null when it had ended before or is not to end. */
  function write(roomId: string, reason: EndReason, hostSeenAt?: Date): Promise<RoomRecord | null> {
    return audit.transaction(async (tx, record) => {
      const ended = await rooms.end(roomId, now(), tx, hostSeenAt)
      if (!ended?.ended_at) return ended
      await participants.leaveAll(roomId, ended.ended_at, tx)
      record({ action: 'room_ended', outcome: 'success', subject: roomId, roomId, details: { reason } })
      return ended
    })
  }

  /** Then polls, guests' tokens, presence and sockets follow. */
  async function finish(roomId: string, endedAt: Date): Promise<void> {
    // Those who are still there see how they went out.
    await closePolls(roomId)
    const guests = await participants.guestsPutOut(roomId, endedAt)
    await revocations.revoke(
      guests.map((id) => ({ subject: `g:${id}` as const, sessionId: id, reason: 'room_ended' })),
      GUEST_TOKEN_TTL_SECONDS * 1000,
    )
    await presence.clear(roomId)
    await presence.clear(lobbyOf(roomId))
    await roomEvents.append(roomId, { type: 'room.ended' })
  }

  /** True when the newest event of the room says that it ended. */
  async function endTold(roomId: string): Promise<boolean> {
    const { events } = await roomEvents.after(roomId, (await roomEvents.lastSeq(roomId)) - 1)
    return events.at(-1)?.type === 'room.ended'
  }

  return {
    /** Ends a room, or finishes an end that was cut short. */
    async endRoom({ id }: Pick<RoomRecord, 'id'>, reason: EndReason): Promise<void> {
      const ended = await write(id, reason)
      if (!ended && (await endTold(id))) return
      const endedAt = ended?.ended_at ?? (await rooms.findById(id))?.ended_at
      if (endedAt) await finish(id, endedAt) // otherwise it was deleted in the meantime
    },

    /** Ends a room unless its host was seen, or another became host, since the record was read. */
    async endUnseen({ id, host_seen_at }: Pick<RoomRecord, 'id' | 'host_seen_at'>): Promise<void> {
      const ended = host_seen_at && (await write(id, 'unattended', host_seen_at))
      if (ended?.ended_at) await finish(id, ended.ended_at)
    },
  }
}
