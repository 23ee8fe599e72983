import { AppError } from '../../errors.ts'
import type { PollRecord } from '../../repositories/polls.ts'
import { type Access, createAccess } from '../meetings/access.ts'
import type { Principal } from '../principal.ts'
import type { PollsDeps } from './deps.ts'

/** A poll, and what the caller is to its room. */
export interface PollAccess extends Access {
  poll: PollRecord
}

/** The object-level checks of polls. */
export function createPollAccess(deps: Pick<PollsDeps, 'polls' | 'rooms' | 'participants'>) {
  const { access, hostAccess } = createAccess(deps)

  /** Throws NOT_FOUND to whoever may not know of the poll: to all but hosts that is each draft. Else as for the room. */
  async function pollAccess(principal: Principal, pollId: string): Promise<PollAccess> {
    const poll = await deps.polls.find(pollId)
    const room = poll && (await deps.rooms.findById(poll.room_id))
    if (!room) throw new AppError('NOT_FOUND')
    const found = await access(principal, room.room_code)
    if (poll.status === 'draft' && !found.isHost) throw new AppError('NOT_FOUND')
    return { ...found, poll }
  }

  return {
    hostAccess,
    pollAccess,

    /** Throws as `pollAccess`, and FORBIDDEN to a participant who is no host. */
    async hostPollAccess(principal: Principal, pollId: string): Promise<PollAccess> {
      const found = await pollAccess(principal, pollId)
      if (!found.isHost) throw new AppError('FORBIDDEN', 'Only a host may do this.')
      return found
    },

    /** What a caller is to a room. Throws as for the room. */
    access,
  }
}

/**
 * The polls are for hosts, for those inside, and when all is over for those who were there. Throws FORBIDDEN to the others, among them
 * who waits to be let in.
 */
export function requireReader({ room, participant, isHost }: Access): void {
  const status = participant?.status
  if (isHost || status === 'joined' || (room.status === 'ended' && status === 'left')) return
  throw new AppError('FORBIDDEN', status === 'waiting' ? 'Wait to be admitted.' : 'Join the room first.')
}
