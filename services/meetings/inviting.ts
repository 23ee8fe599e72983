import { AppError } from '../../errors.ts'
import { normaliseEmail } from '../../schemas/common.ts'
import type { Invited } from '../../schemas/meetings.ts'
import type { Principal } from '../principal.ts'
import { open, type RoomAccess } from './access.ts'
import type { MeetingsDeps } from './deps.ts'

const DAY_MS = 86_400_000
/** Mails within a day: to one address for one room, for one room, and of one host over all rooms. */
const MAILS_TO_ADDRESS = 3
const MAILS_OF_ROOM = 100
const MAILS_OF_HOST = { name: 'invite', max: 200, windowMs: DAY_MS }

/** Invitations by mail. The link is made when the mail is sent: see services/invitation-links.ts. */
export function createInviting(deps: MeetingsDeps, { hostAccess }: RoomAccess) {
  const { audit, rooms, invitations, mailJobs, mailQueued, now } = deps
  const { limiter } = deps.state

  /** Those of the addresses that the host may still write to today. */
  async function withinLimit(hostUserId: string, addresses: string[]): Promise<string[]> {
    const within: string[] = []
    for (const address of addresses) {
      const { admitted } = await limiter.admit({ limits: [MAILS_OF_HOST], subject: `u:${hostUserId}` })
      if (!admitted) break
      within.push(address)
    }
    return within
  }

  return {
    /** Queues a mail to each address. Answers which will get one, and which not: too many went there, or out, of late. */
    async invite(principal: Principal, roomCode: string, emails: readonly string[]): Promise<Invited> {
      const { room } = open(await hostAccess(principal, roomCode))
      const given = new Map(emails.map((email) => [normaliseEmail(email), email]))
      const allowed = await withinLimit(room.host_user_id, [...given.keys()])
      const at = now()
      const since = new Date(at.getTime() - DAY_MS)
      const queued = await audit.transaction(async (tx, record) => {
        const current = await rooms.lock(room.id, tx)
        if (!current) throw new AppError('NOT_FOUND')
        if (current.status === 'ended') throw new AppError('ROOM_ENDED')
        const left = Math.max(MAILS_OF_ROOM - (await invitations.countSince(room.id, since, undefined, tx)), 0)
        const chosen: string[] = []
        for (const email of allowed) {
          const sent = await invitations.countSince(room.id, since, email, tx)
          if (chosen.length < left && sent < MAILS_TO_ADDRESS) chosen.push(email)
        }
        await mailJobs.insertInvitations(room.id, chosen, at, tx)
        const details = { sent: chosen.length, failed: given.size - chosen.length }
        const outcome = chosen.length > 0 ? 'success' : 'refused'
        record({ action: 'invitations_sent', outcome, subject: room.id, roomId: room.id, details })
        return new Set(chosen)
      })
      if (queued.size > 0) mailQueued()
      const sorted: Invited = { sent: [], failed: [] }
      for (const [address, email] of given) sorted[queued.has(address) ? 'sent' : 'failed'].push(email)
      return sorted
    },
  }
}
