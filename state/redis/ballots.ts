import { ballotKey, VOTES_KEY } from '../keys.ts'
import { type Acceptance, type Ballots, CLOSED_MS, OPEN_MS } from '../votes.ts'
import type { Keyspace } from './keyspace.ts'
import { runScript, type ScriptArgument, type ScriptName } from './script.ts'

/** A vote waits longer for Redis than other commands: whoever cast it would only cast it again. */
const BUDGET_MS = 1000
/** How many voters go into one call when a poll is opened again. */
const VOTERS_AT_ONCE = 2000

/** The gate of the votes, over all processes. */
export function createRedisBallots({ keyspace }: { keyspace: Keyspace }): Ballots {
  function call(name: ScriptName, pollId: string, args: ScriptArgument[]): Promise<unknown> {
    const keys = [ballotKey(pollId), VOTES_KEY]
    return keyspace.run(VOTES_KEY, (redis) => runScript(redis, name, keys, args), BUDGET_MS)
  }

  return {
    async openPoll({ id, roomId, options, multiple, anonymous, changeable, voters = [], after }) {
      // Before it is open, so that none of them gets in between.
      for (let at = 0; at < voters.length; at += VOTERS_AT_ONCE)
        await call('fmAddVoters', id, [OPEN_MS, ...voters.slice(at, at + VOTERS_AT_ONCE)])
      const flags = [multiple, anonymous, changeable && !anonymous].map(Number)
      return (await call('fmOpenPoll', id, [roomId, ...flags, OPEN_MS, after ?? '', ...options])) as 'open' | 'closed'
    },
    closePoll: async (pollId) => String(await call('fmClosePoll', pollId, [CLOSED_MS])),
    async forgetPoll(pollId) {
      await keyspace.run(VOTES_KEY, (redis) => redis.del(ballotKey(pollId)), BUDGET_MS)
    },
    roomOf: (pollId) => keyspace.run(VOTES_KEY, (redis) => redis.hget(ballotKey(pollId), 'room'), BUDGET_MS),
    async accept({ pollId, voter, optionIds, at }) {
      const args = [pollId, voter, Math.floor(at), JSON.stringify(optionIds), ...optionIds]
      return (await call('fmAcceptVote', pollId, args)) as Acceptance
    },
  }
}
