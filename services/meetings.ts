import type { RoomRecord } from '../repositories/rooms.ts'
import { createAccess } from './meetings/access.ts'
import type { MeetingsOptions } from './meetings/deps.ts'
import { createEnding } from './meetings/ending.ts'
import { createHosting } from './meetings/hosting.ts'
import { createInviting } from './meetings/inviting.ts'
import { createJoining } from './meetings/joining.ts'
import { createLeaving } from './meetings/leaving.ts'
import { createLobby } from './meetings/lobby.ts'
import { createModeration } from './meetings/moderation.ts'
import { createOwnState } from './meetings/own-state.ts'
import { createParticipation } from './meetings/participation.ts'
import { createRooms } from './meetings/rooms.ts'
import { createSockets } from './meetings/sockets.ts'
import { toParticipant, toRoom } from './meetings/wire.ts'

export type { Membership } from './meetings/access.ts'
export type { MeetingsOptions, Profile } from './meetings/deps.ts'

export type Meetings = ReturnType<typeof createMeetings>

/** The rules of meetings: rooms, the way into them, and being in them. */
export function createMeetings(options: MeetingsOptions) {
  const deps = { ...options, now: options.now ?? (() => new Date()) }
  const access = createAccess(deps)
  const ending = createEnding(deps)
  const leaving = createLeaving(deps)
  const { endAllOf, ...rooms } = createRooms(deps, access, ending)
  const participation = createParticipation(deps, access, leaving)

  return {
    ...rooms,
    ...createJoining(deps, access),
    ...participation,
    ...createSockets(deps, leaving),
    ...createOwnState(deps),
    ...createLobby(deps, access, participation.lobby),
    ...createModeration(deps, access, leaving),
    ...createInviting(deps, access),
    ...createHosting(deps, ending),
    toParticipant,
    toRoom: (room: RoomRecord) => toRoom(room, deps.publicUrl),

    /** Call before a user is deleted: ends its open rooms, takes it out of others' rooms, and its name with it. */
    async onUserDeleted(userId: string): Promise<void> {
      await endAllOf(userId)
      await leaving.forgetUser(userId)
    },
  }
}
