import type { PollRecord } from '../repositories/polls.ts'
import { createPollAccess } from './polls/access.ts'
import { createAsking } from './polls/asking.ts'
import type { PollsDeps } from './polls/deps.ts'
import { createReading } from './polls/reading.ts'
import { createResults } from './polls/results.ts'
import { createRunning } from './polls/running.ts'
import { createPollTexts } from './polls/texts.ts'
import { createVoting } from './polls/voting.ts'
import type { PollEvent } from './polls/wire.ts'
import { createBallotOpening } from './votes/opening.ts'

export type { PollsDeps } from './polls/deps.ts'
export type Polls = ReturnType<typeof createPolls>

/** Questions to a meeting: asked and closed by hosts, answered by those inside, and their results. */
export function createPolls(deps: PollsDeps) {
  const access = createPollAccess(deps)
  const results = createResults(deps)
  const texts = createPollTexts(deps)
  const openBallot = createBallotOpening({ ballots: deps.state.ballots, votes: deps.votes })
  const reading = createReading(deps, access, { texts, results })
  const running = createRunning(deps, access, { texts, results, openBallot }, reading)
  const { open, close, closeAll, settle, eventOf } = running
  const { list, results: resultsOf, csv } = reading

  return {
    ...{ open, close, closeAll, settle, list, results: resultsOf, csv },
    ...createAsking(deps, access, reading, running),
    ...createVoting(deps, access, openBallot),
    texts: { lacked: texts.lacked, complete: texts.complete },

    /** How an open poll stands, as an event without a number; null when it is not open. To hosts unless everybody may see it. */
    async standing(pollId: string): Promise<(PollEvent & { at: string; to?: { hosts: true } }) | null> {
      const poll: PollRecord | null = await deps.polls.find(pollId)
      const room = poll?.status === 'open' ? await deps.rooms.findById(poll.room_id) : null
      if (!poll || !room) return null
      const event = await eventOf('poll.updated', poll, room.room_code)
      const to = event.tally_for === 'hosts' ? { to: { hosts: true } as const } : {}
      return { ...event, at: deps.now().toISOString(), ...to }
    },
  }
}
