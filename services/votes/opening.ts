import type { PollRecord } from '../../repositories/polls.ts'
import type { VotesRepository } from '../../repositories/votes.ts'
import type { Ballots } from '../../state/votes.ts'

/**
 * Opens the gate of a poll with what the database knows: at first, and again when the gate answers `unknown`. Throws
 * StateUnavailableError and DatabaseUnavailableError.
 */
export function createBallotOpening(deps: {
  ballots: Pick<Ballots, 'openPoll'>
  votes: Pick<VotesRepository, 'votersOf' | 'lastPositionOf'>
}) {
  const { ballots, votes } = deps
  return async ({ id, room_id, options, multiple, anonymous, changeable }: PollRecord): Promise<'open' | 'closed'> =>
    ballots.openPoll({
      ...{ id, roomId: room_id, multiple, anonymous, changeable },
      options: options.map((option) => option.id),
      voters: changeable ? [] : await votes.votersOf(id),
      after: await votes.lastPositionOf(id),
    })
}
