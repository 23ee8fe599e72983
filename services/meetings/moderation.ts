import { AppError } from '../../errors.ts'
import type { Transaction } from '../../repositories/database.ts'
import type { ParticipantRecord } from '../../repositories/participants.ts'
import type { Participant } from '../../schemas/meetings.ts'
import type { Principal } from '../principal.ts'
import { type Access, isHostUser, open, type RoomAccess } from './access.ts'
import type { MeetingsDeps } from './deps.ts'
import type { Leaving } from './leaving.ts'
import { createNotices } from './notices.ts'
import { toParticipant } from './wire.ts'

/** What hosts do with those who are inside: putting out, and sharing the work. */
export function createModeration(deps: MeetingsDeps, { hostAccess }: RoomAccess, { release, endToken }: Leaving) {
  const { audit, rooms, participants, now } = deps
  const notices = createNotices(deps.state.roomEvents)

  /** Who it is about, in its room as it is until the transaction is over. Throws NOT_FOUND, ROOM_ENDED. */
  async function lock(access: Access, participantId: string, tx: Transaction) {
    const room = await rooms.lock(access.room.id, tx)
    if (!room) throw new AppError('NOT_FOUND')
    const { isOwner } = open({ ...access, room })
    const target = await participants.find(room.id, participantId, tx)
    if (!target) throw new AppError('NOT_FOUND', 'Nobody here has this id.')
    return { room, target, isOwner }
  }

  /** Bans in one transaction, in which nobody enters or changes hosts. Answers what the participant was before. */
  function ban(access: Access, participantId: string): Promise<ParticipantRecord> {
    return audit.transaction(async (tx, record) => {
      const { room, target, isOwner } = await lock(access, participantId, tx)
      if (target.id === access.participant?.id) throw new AppError('FORBIDDEN', 'Nobody can kick itself: leave.')
      if (target.user_id === room.host_user_id) throw new AppError('FORBIDDEN', 'The host cannot be kicked.')
      if (target.role === 'co_host' && !isOwner) throw new AppError('FORBIDDEN', 'Only the host may kick a co-host.')
      if (await participants.kick(target.id, now(), tx))
        record({ action: 'participant_kicked', outcome: 'success', subject: target.id, roomId: room.id })
      return target
    })
  }

  return {
    /**
     * Puts somebody out for good: the identity is banned from the room, a guest's token ends, sockets learn of it. One who waits is
     * rejected and banned; one who left is banned. The host cannot be kicked, a co-host by the host only, nobody by itself (FORBIDDEN).
     * Kicking again finishes a kick that was cut short. Throws NOT_FOUND, ROOM_ENDED.
     */
    async kick(principal: Principal, roomCode: string, participantId: string): Promise<void> {
      const before = await ban(await hostAccess(principal, roomCode), participantId)
      await endToken(before, 'kicked')
      const { inside, waiting } = await release(before)
      if (inside || before.status === 'joined') await notices.left(before, 'kicked')
      if (waiting || before.status === 'waiting') await notices.rejected(before)
    },

    /**
     * Makes a user a co-host, or a participant again. The host only. Throws NOT_FOUND (also for one that was not let in), FORBIDDEN,
     * ROOM_ENDED, and UNPROCESSABLE for guests, who have no account to come back with, and for the host.
     */
    async setRole(
      principal: Principal,
      roomCode: string,
      participantId: string,
      role: 'co_host' | 'participant',
    ): Promise<Participant> {
      const access = await hostAccess(principal, roomCode)
      if (!access.isOwner) throw new AppError('FORBIDDEN', 'Only the host may change roles.')
      const { before, after } = await audit.transaction(async (tx, record) => {
        const { room, target } = await lock(access, participantId, tx)
        if (!isHostUser(principal, room)) throw new AppError('FORBIDDEN', 'Only the host may change roles.')
        if (target.status === 'waiting') throw new AppError('CONFLICT', 'This participant waits to be let in.')
        if (!target.user_id) throw new AppError('UNPROCESSABLE', 'A guest has no account, so it can be no co-host.')
        if (target.user_id === room.host_user_id) throw new AppError('UNPROCESSABLE', 'The host stays the host.')
        const after = await participants.setRole(target.id, ['participant', 'co_host'], role, tx)
        if (!after) throw new AppError('NOT_FOUND', 'Nobody here has this id.')
        const act = { action: 'participant_role_changed', outcome: 'success', subject: target.id } as const
        if (after.role !== target.role) record({ ...act, roomId: room.id, details: { role } })
        return { before: target, after }
      })
      if (before.role !== after.role && after.status === 'joined') await notices.updated(after)
      return toParticipant(after)
    },
  }
}
