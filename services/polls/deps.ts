import type { Database } from '../../repositories/database.ts'
import type { ParticipantsRepository } from '../../repositories/participants.ts'
import type { PollTextsRepository } from '../../repositories/poll-texts.ts'
import type { PollsRepository } from '../../repositories/polls.ts'
import type { RoomsRepository } from '../../repositories/rooms.ts'
import type { VotersRepository } from '../../repositories/voters.ts'
import type { VotesRepository } from '../../repositories/votes.ts'
import type { State } from '../../state/state.ts'
import type { VoteWorker } from '../../workers/votes.ts'
import type { Audit } from '../audit.ts'
import type { MeetingAllowance } from '../meeting-allowance.ts'
import type { Profile } from '../meetings.ts'
import type { Translation } from '../translation.ts'
import type { VoteMetrics } from '../votes/metrics.ts'

export interface PollsDeps {
  database: Pick<Database, 'transaction'>
  audit: Pick<Audit, 'transaction'>
  polls: PollsRepository
  pollTexts: PollTextsRepository
  votes: VotesRepository
  voters: VotersRepository
  rooms: RoomsRepository
  participants: ParticipantsRepository
  state: Pick<State, 'ballots' | 'roomEvents' | 'presence'>
  translation: Pick<Translation, 'caption' | 'serves'>
  meetingAllowance: Pick<MeetingAllowance, 'charge'>
  /** Waits until every vote up to a position is counted; false when that took longer than so many milliseconds. */
  drain: VoteWorker['drain']
  voteMetrics: Pick<VoteMetrics, 'cast'>
  /** Null when there is no such user any more. */
  profileOf: (userId: string) => Promise<Profile | null>
  log: { warn(fields: object, message: string): void }
  now: () => Date
}
