import type { VoteQueue } from '../../state/votes.ts'
import { createBelief } from '../belief.ts'

/** Behind: so many votes wait, or one has waited so long (milliseconds). */
const MANY = 10_000
const LONG_MS = 10_000
/** How long an answer is believed. */
const BELIEVED_MS = 1_000

export type VoteBacklog = ReturnType<typeof createVoteBacklog>

/** How far the counting of votes is behind their acceptance, over all processes. However often it is asked, Redis is asked once a second. */
export function createVoteBacklog({ voteQueue }: { voteQueue: Pick<VoteQueue, 'backlog'> }) {
  /** Null while Redis is away. */
  const figures = createBelief(BELIEVED_MS, () => voteQueue.backlog())

  return {
    figures,
    async status(): Promise<'up' | 'behind' | 'down'> {
      const backlog = await figures()
      if (!backlog) return 'down'
      return backlog.waiting > MANY || backlog.oldestMs > LONG_MS ? 'behind' : 'up'
    },
  }
}
