import type { RoomRecord } from '../repositories/rooms.ts'
import { createAccess } from './meetings/access.ts'
import type { MeetingsOptions } from './meetings/deps.ts'
import { createJoining } from './meetings/joining.ts'
import { createParticipation } from './meetings/participation.ts'
import { createRooms } from './meetings/rooms.ts'
import { toParticipant, toRoom } from './meetings/wire.ts'

export type { Membership } from './meetings/access.ts'
export type { MeetingsOptions, Profile } from './meetings/deps.ts'

export type Meetings = ReturnType<typeof createMeetings>

/** The rules of meetings: rooms, the way into them, and being in them. */
export function createMeetings(options: MeetingsOptions) {
  const deps = { ...options, now: options.now ?? (() => new Date()) }
  const access = createAccess(deps)
  const { endAllOf, ...rooms } = createRooms(deps, access)
  const { forgetUser, ...participation } = createParticipation(deps, access)

  return {
    ...rooms,
    ...createJoining(deps, access),
    ...participation,
    toParticipant,
    toRoom: (room: RoomRecord) => toRoom(room, deps.publicUrl),

    /** Call before a user is deleted: ends its open rooms, takes it out of others' rooms, and its name with it. */
    async onUserDeleted(userId: string): Promise<void> {
      await endAllOf(userId)
      await forgetUser(userId)
    },
  }
}
