import { ApiError } from '../../api/client.ts'
import type { Session } from '../../api/session.ts'
import type { Room } from '../../api/types.ts'

export interface KnownMeeting {
  room: Room
  /** Host or co-host. */
  isHost: boolean
}

/** A meeting, and whether the user is one of its hosts. Throws ApiError. */
export async function loadMeeting(session: Session, code: string): Promise<KnownMeeting> {
  const path = `/meetings/${code}`
  const [room, isHost] = await Promise.all([session.call<Room>('GET', path), hosts(session, path)])
  return { room, isHost }
}

/** A room does not say it, but only hosts are told who waits at its door. */
async function hosts(session: Session, path: string): Promise<boolean> {
  try {
    return 'lobby' in (await session.call<object>('GET', `${path}/participants`))
  } catch (error) {
    // Whoever is not inside at the moment may not see who is.
    if (error instanceof ApiError && error.status === 403) return false
    throw error
  }
}
