import type { Redis } from 'ioredis'
import { DEAD_VOTES_KEY, VOTES_KEY } from '../keys.ts'
import { DEAD_MS, type DeadLetter, type QueuedVote, type Vote, type VoteQueue } from '../votes.ts'
import type { Keyspace } from './keyspace.ts'
import { runScript, type ScriptArgument, type ScriptName } from './script.ts'
import { VOTE_GROUP } from './scripts/votes.ts'

/** Nobody waits for the answer, and a batch may be large. */
const BUDGET_MS = 5000
/** Somebody waits for the report on it. */
const REPORT_BUDGET_MS = 1000
/** Lua takes no more arguments at once. */
const POSITIONS_AT_ONCE = 1000

type Entry = [position: string, fields: string[] | null]

/** The queue of the votes: a stream, and the group of its consumers in all processes. */
export function createRedisVoteQueue({ keyspace }: { keyspace: Keyspace }): VoteQueue {
  const waiting = keyspace.dedicated(VOTES_KEY)
  const run = <T>(command: (redis: Redis) => Promise<T>, budgetMs = BUDGET_MS) =>
    keyspace.run(VOTES_KEY, command, budgetMs)
  const call = (name: ScriptName, keys: string[], args: ScriptArgument[], budgetMs = BUDGET_MS) =>
    run((redis) => runScript(redis, name, keys, args), budgetMs)

  let group: Promise<unknown> | null = null
  const makeGroup = () => call('fmMakeVoteGroup', [VOTES_KEY], [])

  /** The group is made with the first command, and again when Redis came back without it. */
  async function inGroup<T>(command: () => Promise<T>): Promise<T> {
    try {
      group ??= makeGroup()
      await group
      return await command()
    } catch (error) {
      group = null
      if (!messageOf(error).startsWith('NOGROUP')) throw error
      await makeGroup()
      return command()
    }
  }

  return {
    isShared: true,
    async read({ consumer, max, waitMs, signal }) {
      const group = ['GROUP', VOTE_GROUP, consumer] as const
      const answer = await inGroup(async () =>
        waitMs > 0 && !signal?.aborted
          ? waiting.run(
              (redis) => redis.xreadgroup(...group, 'COUNT', max, 'BLOCK', waitMs, 'STREAMS', VOTES_KEY, '>'),
              waitMs + BUDGET_MS,
              signal,
            )
          : run((redis) => redis.xreadgroup(...group, 'COUNT', max, 'STREAMS', VOTES_KEY, '>')),
      )
      const [stream] = (answer ?? []) as [string, Entry[]][]
      return (stream?.[1] ?? []).map(queued)
    },
    async claim({ consumer, max, idleMs }) {
      let cursor = '0-0'
      do {
        const from = cursor
        const [next, entries] = (await inGroup(() =>
          run((redis) => redis.xautoclaim(VOTES_KEY, VOTE_GROUP, consumer, idleMs, from, 'COUNT', max)),
        )) as [string, Entry[]]
        if (entries.length > 0) return entries.map(queued)
        cursor = next
      } while (cursor !== '0-0')
      return []
    },
    async ack(positions) {
      for (let at = 0; at < positions.length; at += POSITIONS_AT_ONCE)
        await call('fmAckVotes', [VOTES_KEY], positions.slice(at, at + POSITIONS_AT_ONCE))
    },
    async bury(letters) {
      const keys = [VOTES_KEY, DEAD_VOTES_KEY]
      for (let at = 0; at < letters.length; at += POSITIONS_AT_ONCE) {
        const some = letters.slice(at, at + POSITIONS_AT_ONCE)
        await call('fmBuryVotes', keys, [DEAD_MS, ...some.flatMap(({ position, reason }) => [position, reason])])
      }
    },
    async leave(consumer) {
      await call('fmRemoveConsumers', [VOTES_KEY], [0, consumer])
    },
    removeGone: async (idleMs) => Number(await call('fmRemoveConsumers', [VOTES_KEY], [idleMs])),
    async isDrained(upTo) {
      return (await run((redis) => redis.xrange(VOTES_KEY, '-', upTo, 'COUNT', 1))).length === 0
    },
    async backlog() {
      const answer = await call('fmVotesBacklog', [VOTES_KEY, DEAD_VOTES_KEY], [], REPORT_BUDGET_MS)
      const [inAll = 0, pending = 0, oldestMs = 0, dead = 0] = answer as number[]
      return { waiting: inAll, pending, oldestMs, dead }
    },
    async deadLetters(max) {
      return (await run((redis) => redis.xrange(DEAD_VOTES_KEY, '-', '+', 'COUNT', max))).map(letter)
    },
  }
}

/** What Redis said, under the error that the connection made of it. */
function messageOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error ? cause.message : ''
}

function record(fields: readonly string[]): Record<string, string> {
  const pairs = Array.from({ length: fields.length / 2 }, (_, i) => [fields[2 * i] ?? '', fields[2 * i + 1] ?? ''])
  return Object.fromEntries(pairs) as Record<string, string>
}

const queued = ([position, fields]: Entry): QueuedVote => ({ position, vote: voteOf(record(fields ?? [])) })

/** Null for what the gate would not have written. */
function voteOf({ poll, voter, options, at }: Record<string, string>): Vote | null {
  if (poll === undefined || voter === undefined || options === undefined || !/^\d+$/.test(at ?? '')) return null
  try {
    const optionIds: unknown = JSON.parse(options)
    if (!Array.isArray(optionIds) || !optionIds.every((id) => typeof id === 'string')) return null
    return { pollId: poll, voter, optionIds, at: Number(at) }
  } catch {
    return null
  }
}

function letter([, fields]: [string, string[]]): DeadLetter {
  const { position = '', reason = '', ...rest } = record(fields)
  const vote = Object.entries(rest).map(([name, value]) => [name.replace(/^vote:/, ''), value])
  return { position, reason, fields: Object.fromEntries(vote) as Record<string, string> }
}
