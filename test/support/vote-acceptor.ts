import { createRedisState } from '../../state/redis/state.ts'
import type { Acceptance } from '../../state/votes.ts'
import { FAILURES, silentLogger } from './states.ts'

// A process that accepts votes as a server does, and answers what came of each: `unavailable` is a 503.

export type Ballot = readonly [pollId: string, voter: string, optionIds: readonly string[]]
export type Answer = Acceptance | 'unavailable'

const [, , url = ''] = process.argv
const limiter = { onFailure: 'local', expectedProcesses: 1 } as const
const state = await createRedisState({ url, logger: silentLogger, limiter, failures: FAILURES })

async function accept([pollId, voter, optionIds]: Ballot): Promise<Answer> {
  try {
    return await state.ballots.accept({ pollId, voter, optionIds, at: Date.now() })
  } catch {
    return 'unavailable'
  }
}

process.on('message', async ({ id, ballots }: { id: number; ballots: Ballot[] }) => {
  process.send?.({ id, answers: await Promise.all(ballots.map(accept)) })
})
process.once('disconnect', () => process.exit())
process.send?.({ id: 0, answers: [] })
