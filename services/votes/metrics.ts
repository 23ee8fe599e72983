import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Acceptance } from '../../state/votes.ts'
import type { VoteBacklog } from './backlog.ts'
import type { RefusedReason } from './counting.ts'

/** What voting tells of itself. Every label is one of few values: none comes from what people send. */
export interface VoteMetrics {
  /** A vote was cast, and this came of it. */
  cast(acceptance: Acceptance): void
  /** A batch was committed: so many votes, in so many seconds. */
  counted(votes: number, seconds: number): void
  /** A vote became a dead letter. */
  buried(reason: RefusedReason): void
}

export const NO_VOTE_METRICS: VoteMetrics = {
  cast: () => undefined,
  counted: () => undefined,
  buried: () => undefined,
}

const REASONS: readonly RefusedReason[] = ['unreadable', 'unknown_poll', 'invalid_options', 'refused_by_database']
const ACCEPTANCES: readonly Acceptance[] = ['accepted', 'closed', 'unknown', 'already_voted', 'invalid']
const SIZES = [1, 3, 10, 30, 100, 300, 1000]
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/** Puts the metrics of voting into a Prometheus registry. What waits is asked for when the registry is read. */
export function createVoteMetrics(registry: Registry, backlog: Pick<VoteBacklog, 'figures'>): VoteMetrics {
  const registers = [registry]
  const cast = new Counter({
    ...{ name: 'fluentmeet_votes_cast_total', help: 'Votes by what came of them.', registers },
    labelNames: ['acceptance'] as const,
  })
  const counted = new Counter({
    ...{ name: 'fluentmeet_votes_counted_total', help: 'Votes brought into the database, repetitions too.', registers },
  })
  const sizes = new Histogram({
    ...{ name: 'fluentmeet_votes_batch_size', help: 'Votes of one transaction.', registers, buckets: SIZES },
  })
  const seconds = new Histogram({
    ...{ name: 'fluentmeet_votes_batch_seconds', help: 'Time of one transaction.', registers, buckets: SECONDS },
  })
  const buried = new Counter({
    ...{ name: 'fluentmeet_votes_buried_total', help: 'Votes that became dead letters.', registers },
    labelNames: ['reason'] as const,
  })
  for (const reason of REASONS) buried.inc({ reason }, 0)
  for (const acceptance of ACCEPTANCES) cast.inc({ acceptance }, 0)
  const gauges = {
    waiting: 'Accepted votes that are not counted yet, over all processes.',
    pending: 'Those of them that a consumer has.',
    oldest_seconds: 'How long the oldest of them has waited.',
    dead_letters: 'Votes that could not be counted, over all processes.',
  }
  const [waiting, pending, oldest, dead] = Object.entries(gauges).map(
    ([name, help]) => new Gauge({ name: `fluentmeet_votes_${name}`, help, registers, collect }),
  )
  async function collect(): Promise<void> {
    const figures = await backlog.figures()
    // Nobody knows while Redis is away: what was true before would look like a queue that stands still.
    if (!figures) {
      for (const gauge of [waiting, pending, oldest, dead]) gauge?.remove()
      return
    }
    waiting?.set(figures.waiting)
    pending?.set(figures.pending)
    oldest?.set(figures.oldestMs / 1000)
    dead?.set(figures.dead)
  }

  return {
    cast: (acceptance) => cast.inc({ acceptance }),
    counted(votes, took) {
      counted.inc(votes)
      sizes.observe(votes)
      seconds.observe(took)
    },
    buried: (reason) => buried.inc({ reason }),
  }
}
