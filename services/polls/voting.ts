import { LRUCache } from 'lru-cache'
import { AppError } from '../../errors.ts'
import type { Acceptance } from '../../state/votes.ts'
import type { Principal } from '../principal.ts'
import type { createBallotOpening } from '../votes/opening.ts'
import type { createPollAccess } from './access.ts'
import type { PollsDeps } from './deps.ts'
import { createElectorate } from './electorate.ts'

const MAX_POLLS_KNOWN = 5_000

/** Casting votes: once warm, one call to Redis and nothing else. */
export function createVoting(
  deps: Pick<PollsDeps, 'polls' | 'rooms' | 'participants' | 'state' | 'voteMetrics' | 'now'>,
  { pollAccess }: ReturnType<typeof createPollAccess>,
  openBallot: ReturnType<typeof createBallotOpening>,
) {
  const { polls, voteMetrics, now } = deps
  const { ballots } = deps.state
  const voterIn = createElectorate(deps)
  /** A poll never changes its room. */
  const roomIds = new LRUCache<string, string>({ max: MAX_POLLS_KNOWN })

  async function roomOf(pollId: string): Promise<string> {
    const known = roomIds.get(pollId)
    if (known !== undefined) return known
    const roomId = (await ballots.roomOf(pollId)) ?? (await polls.find(pollId))?.room_id
    if (roomId === undefined) throw new AppError('NOT_FOUND')
    roomIds.set(pollId, roomId)
    return roomId
  }

  /** What the database says of a poll that Redis does not know; it is known there then, if it is open. */
  async function lookUp(principal: Principal, pollId: string): Promise<Acceptance> {
    const { poll } = await pollAccess(principal, pollId)
    if (poll.status === 'draft') throw new AppError('CONFLICT', 'The poll is not open yet.')
    if (poll.status !== 'open') return 'closed'
    return (await openBallot(poll)) === 'open' ? 'unknown' : 'closed'
  }

  return {
    /**
     * Casts the caller's vote; resolves when it is certain to be counted. Throws NOT_FOUND and FORBIDDEN as for the room, ROOM_ENDED,
     * CONFLICT when the poll is not open or takes no second vote, and VALIDATION_ERROR for options that it does not have.
     */
    async vote(principal: Principal, pollId: string, optionIds: readonly string[]): Promise<void> {
      const voter = await voterIn(principal, await roomOf(pollId))
      const cast = () => ballots.accept({ pollId, voter, optionIds, at: now().getTime() })
      let acceptance = await cast()
      if (acceptance === 'unknown') acceptance = await lookUp(principal, pollId)
      if (acceptance === 'unknown') acceptance = await cast()
      voteMetrics.cast(acceptance)
      refuse(acceptance)
    },
  }
}

function refuse(acceptance: Acceptance): void {
  if (acceptance === 'closed') throw new AppError('CONFLICT', 'The poll is closed.')
  if (acceptance === 'already_voted') throw new AppError('CONFLICT', 'Votes in this poll cannot be changed.')
  if (acceptance === 'unknown') throw new AppError('SERVICE_UNAVAILABLE')
  if (acceptance !== 'invalid') return
  const message = 'must be options of this poll, and one alone unless it takes several'
  throw new AppError('VALIDATION_ERROR', undefined, { details: [{ field: 'body.option_ids', message }] })
}
