import type { PollRecord } from '../../repositories/polls.ts'
import { MAX_NAMED_IN_FRAMES, type PollResults } from '../../schemas/polls.ts'
import type { PollsDeps } from './deps.ts'
import { toResults } from './wire.ts'

/** Whether somebody may see the result now. Hosts always do: they decide when there are enough votes. */
export function maySeeResults({ status, results }: Pick<PollRecord, 'status' | 'results'>, isHost: boolean): boolean {
  if (isHost) return true
  if (results === 'live') return status !== 'draft'
  return results === 'on_close' && status === 'closed'
}

/** What is counted of polls. */
export function createResults({ votes, voters }: Pick<PollsDeps, 'votes' | 'voters'>) {
  return {
    /** With every voter by name, unless the poll is anonymous. */
    async full(poll: PollRecord): Promise<PollResults> {
      if (!poll.anonymous) return toResults(poll, undefined, await voters.signedVotes(poll.id))
      return toResults(poll, (await votes.resultsOf([poll.id])).get(poll.id), null)
    },

    /** With the voters' names while they are few: it is sent to everybody, again and again. */
    async brief(poll: PollRecord): Promise<PollResults> {
      const tally = (await votes.resultsOf([poll.id])).get(poll.id)
      const isSigned = !poll.anonymous && (tally?.voters ?? 0) <= MAX_NAMED_IN_FRAMES
      return toResults(poll, tally, isSigned ? await voters.signedVotes(poll.id) : null)
    },
  }
}
