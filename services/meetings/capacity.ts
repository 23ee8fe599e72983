import type { ParticipantRecord } from '../../repositories/participants.ts'
import type { RoomRecord } from '../../repositories/rooms.ts'

/** More than any room has: strangers who take every place do not keep out those who can send them away. */
const ALWAYS = 1_000_000

/** How many may wait at a room's door at a time. */
export const LOBBY_PLACES = 100

/** With how many others present somebody of that role may still come in. */
export function placesFor(room: Pick<RoomRecord, 'max_participants'>, role: ParticipantRecord['role']): number {
  return role === 'host' || role === 'co_host' ? ALWAYS : room.max_participants
}

/** The room id under which presence holds those who wait. */
export function lobbyOf(roomId: string): string {
  return `${roomId}:lobby`
}
