import type { Registry } from 'prom-client'
import type { Database } from '../repositories/database.ts'
import { createPollsRepository } from '../repositories/polls.ts'
import { createVotesRepository } from '../repositories/votes.ts'
import { createVoteBacklog } from '../services/votes/backlog.ts'
import { createCounting } from '../services/votes/counting.ts'
import { createVoteMetrics } from '../services/votes/metrics.ts'
import type { State } from '../state/state.ts'
import { createVoteWorker, type VoteWorkerOptions } from './votes.ts'

export interface OpenVotesOptions {
  db: Database
  state: Pick<State, 'voteQueue'>
  registry: Registry
  log: VoteWorkerOptions['log']
}

/** The vote worker with what it stands on: in a server, and in a process of its own. It is not started yet. */
export function openVotes({ db, state: { voteQueue }, registry, log }: OpenVotesOptions) {
  const polls = createPollsRepository(db)
  const votes = createVotesRepository(db)
  const voteBacklog = createVoteBacklog({ voteQueue })
  const voteMetrics = createVoteMetrics(registry, voteBacklog)
  const count = createCounting({ database: db, polls, votes })
  const voteWorker = createVoteWorker({ voteQueue, count, metrics: voteMetrics, log })
  return { polls, votes, voteBacklog, voteMetrics, voteWorker }
}
