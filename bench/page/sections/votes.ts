import { bars } from '../bars.ts'
import type { Result, Section } from '../section.ts'

interface VotesResult extends Result {
  readonly accepted_per_second: number
  readonly drained_per_second: number
  readonly inserted_per_second: number
  readonly accepted_to_inserted: number
  readonly drained_to_inserted: number
}

export function votesSection(result: VotesResult): Section {
  const plot = {
    title: 'Votes a second',
    axis: 'votes a second (more is better)',
    bars: [
      { label: 'accepted', value: result.accepted_per_second, ours: true },
      { label: 'counted', value: result.drained_per_second, ours: true },
      { label: 'one INSERT a vote', value: result.inserted_per_second },
    ],
  }
  return {
    title: 'Votes',
    text: [
      `Votes are accepted into a Redis Stream **${result.accepted_to_inserted}** times as fast as they would be inserted one by one, and counted from it ` +
        `**${result.drained_to_inserted}** times as fast.`,
    ],
    plots: [{ name: 'votes', alt: plot.title, svg: bars(plot) }],
  }
}
