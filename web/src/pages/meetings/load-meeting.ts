import { FluentMeetError } from '../../api/client.ts'
import type { Session } from '../../api/session.ts'
import type { Room } from '../../api/types.ts'

export interface KnownMeeting {
  room: Room
  /** Host or co-host. */
  isHost: boolean
}

/** A meeting, and whether the user is one of its hosts. Throws FluentMeetError. */
export async function loadMeeting(session: Session, code: string): Promise<KnownMeeting> {
  const params = { room_code: code }
  const [room, isHost] = await Promise.all([
    session.call('GET /meetings/{room_code}', { params }),
    hosts(session, params),
  ])
  return { room, isHost }
}

/** A room does not say it, but only hosts are told who waits at its door. */
async function hosts(session: Session, params: { room_code: string }): Promise<boolean> {
  try {
    return 'lobby' in (await session.call('GET /meetings/{room_code}/participants', { params }))
  } catch (error) {
    // Whoever is not inside at the moment may not see who is.
    if (error instanceof FluentMeetError && error.status === 403) return false
    throw error
  }
}
