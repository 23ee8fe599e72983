import { randomUUID } from 'node:crypto'
import { AppError } from '../../errors.ts'
import type { PollRecord } from '../../repositories/polls.ts'
import { cleanText } from '../../schemas/common.ts'
import { MAX_POLLS, type NewPoll, type Poll } from '../../schemas/polls.ts'
import { type Access, open } from '../meetings/access.ts'
import { type Principal, userIdOf } from '../principal.ts'
import type { createPollAccess } from './access.ts'
import type { PollsDeps } from './deps.ts'
import type { createReading } from './reading.ts'
import type { createRunning } from './running.ts'

/** Making polls, and doing away with them. */
export function createAsking(
  deps: PollsDeps,
  { hostAccess, hostPollAccess }: ReturnType<typeof createPollAccess>,
  { shown }: ReturnType<typeof createReading>,
  { finish }: ReturnType<typeof createRunning>,
) {
  const { database, audit, rooms, polls, profileOf, now } = deps
  const { ballots, roomEvents } = deps.state

  /** What the asker speaks. */
  async function languageOf({ participant }: Access, principal: Principal): Promise<string> {
    if (participant) return participant.speaking_language
    const userId = userIdOf(principal)
    const profile = userId === null ? null : await profileOf(userId)
    return profile?.speaking_language ?? 'en'
  }

  return {
    /**
     * A draft, for hosts alone. Throws NOT_FOUND, FORBIDDEN, ROOM_ENDED, CONFLICT when the room has as many polls as it may have, and
     * VALIDATION_ERROR for options that are the same and for votes that cannot be changed.
     */
    async create(principal: Principal, roomCode: string, wanted: NewPoll): Promise<Poll> {
      const access = open(await hostAccess(principal, roomCode))
      const { multiple = false, anonymous = false, results = 'live' } = wanted
      const { changeable = !anonymous } = wanted
      if (anonymous && changeable) refuse('body.changeable', 'must be false for an anonymous poll')
      const texts = wanted.options.map(cleanText)
      const twice = texts.findIndex((text, i) => texts.indexOf(text) !== i)
      if (twice !== -1) refuse(`body.options.${twice}`, 'must be different from the options before')
      const language = wanted.language ?? (await languageOf(access, principal))
      const poll = await database.transaction(async (tx) => {
        const room = await rooms.lock(access.room.id, tx)
        if (!room) throw new AppError('NOT_FOUND')
        open({ ...access, room })
        const { total } = await polls.ofRoom(room.id, { limit: 1, offset: 0 }, tx)
        if (total >= MAX_POLLS) throw new AppError('CONFLICT', `A room has at most ${MAX_POLLS} polls: delete some.`)
        return polls.insert(
          {
            id: randomUUID(),
            room_id: room.id,
            question: cleanText(wanted.question),
            options: texts.map((text, i) => ({ id: String(i + 1), text })),
            ...{ language, multiple, anonymous, changeable, results },
            created_by: access.participant?.id ?? null,
            created_at: now(),
          },
          tx,
        )
      })
      return shown(access, principal, poll)
    },

    /** Deletes a poll with its votes; one that is open is closed before. The room is told, but for drafts, which it knows nothing of. Throws NOT_FOUND, FORBIDDEN. */
    async remove(principal: Principal, pollId: string): Promise<void> {
      const { poll, room } = await hostPollAccess(principal, pollId)
      if (isRunning(poll)) await finish(poll, room.room_code)
      await audit.transaction(async (tx, record) => {
        if (await polls.remove(poll.id, tx))
          record({ action: 'poll_deleted', outcome: 'success', subject: poll.id, roomId: room.id })
      })
      await ballots.forgetPoll(poll.id)
      if (poll.status !== 'draft') await roomEvents.append(poll.room_id, { type: 'poll.deleted', poll_id: poll.id })
    },
  }
}

const isRunning = ({ status }: PollRecord): boolean => status === 'open' || status === 'closing'

function refuse(field: string, message: string): never {
  throw new AppError('VALIDATION_ERROR', undefined, { details: [{ field, message }] })
}
