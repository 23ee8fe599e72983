import type { Database } from '../../repositories/database.ts'
import type { CountedPoll, PollsRepository } from '../../repositories/polls.ts'
import type { NamedVote, VoteRow, VotesRepository } from '../../repositories/votes.ts'
import { comparePositions, positionParts, type QueuedVote, type Vote } from '../../state/votes.ts'

export interface CountingDeps {
  database: Pick<Database, 'transaction'>
  polls: Pick<PollsRepository, 'hold'>
  votes: Pick<VotesRepository, 'writeBatch'>
}

export interface Counted {
  /** Each poll that votes were counted for. */
  readonly pollIds: readonly string[]
  readonly counted: readonly string[]
  /** Positions of what can never be counted. */
  readonly refused: readonly { readonly position: string; readonly reason: RefusedReason }[]
}

export type RefusedReason = 'unreadable' | 'unknown_poll' | 'invalid_options' | 'refused_by_database'
type Readable = { readonly position: string; readonly vote: Vote }

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/
const isReadable = (entry: QueuedVote): entry is Readable => {
  const { pollId, voter, at } = entry.vote ?? {}
  return UUID.test(pollId ?? '') && UUID.test(voter ?? '') && !Number.isNaN(new Date(at ?? Number.NaN).getTime())
}

/**
 * Brings accepted votes into the database, in one transaction; may be done any number of times, by several at once, in any order. What
 * cannot be counted is answered, not thrown. The status of a poll is not asked: what was accepted counts. Throws
 * DatabaseUnavailableError, or what the database refuses.
 */
export function createCounting({ database, polls, votes }: CountingDeps) {
  return async (entries: readonly QueuedVote[]): Promise<Counted> => {
    const readable = entries.filter(isReadable)
    const unreadable = entries.filter((entry) => !isReadable(entry))
    const refused: { position: string; reason: RefusedReason }[] = unreadable.map(({ position }) => ({
      position,
      reason: 'unreadable',
    }))
    if (readable.length === 0) return { pollIds: [], counted: [], refused }
    return database.transaction(async (tx) => {
      const ids = new Set(readable.map(({ vote }) => vote.pollId))
      const known = new Map((await polls.hold([...ids], tx)).map((poll) => [poll.id, poll]))
      const problems = readable.map(({ position, vote }) => ({
        position,
        reason: problemOf(known.get(vote.pollId), vote),
      }))
      const good = readable.filter((_, i) => problems[i]?.reason === null)
      await votes.writeBatch(batchOf(good, known), tx)
      return {
        pollIds: [...new Set(good.map(({ vote }) => vote.pollId))],
        counted: good.map(({ position }) => position),
        refused: [...refused, ...problems.flatMap(({ position, reason }) => (reason ? [{ position, reason }] : []))],
      }
    })
  }
}

function problemOf(poll: CountedPoll | undefined, { optionIds }: Vote): RefusedReason | null {
  if (!poll) return 'unknown_poll'
  const isKnown = optionIds.every((id) => poll.options.some((option) => option.id === id))
  const isOnce = new Set(optionIds).size === optionIds.length
  const isRight = poll.multiple ? optionIds.length > 0 : optionIds.length === 1
  return isKnown && isOnce && isRight ? null : 'invalid_options'
}

/** One vote of each voter: the last where a later one replaces the first, the first elsewhere. */
function batchOf(entries: readonly Readable[], known: ReadonlyMap<string, CountedPoll>) {
  const changeable = new Map<string, NamedVote>()
  const final = new Map<string, NamedVote>()
  const anonymous = new Map<string, VoteRow>()
  const optionsOf = new Map<string, string[]>()
  for (const { position, vote } of entries.toSorted((a, b) => comparePositions(a.position, b.position))) {
    const poll = known.get(vote.pollId)
    const key = `${vote.pollId} ${vote.voter}`
    const row = { poll_id: vote.pollId, voter_id: vote.voter, option_ids: vote.optionIds }
    const named = { ...row, position: positionParts(position), voted_at: new Date(vote.at) }
    if (poll?.anonymous) {
      optionsOf.set(
        poll.id,
        poll.options.map(({ id }) => id),
      )
      if (!anonymous.has(key)) anonymous.set(key, row)
    } else if (poll?.changeable) changeable.set(key, named)
    else if (!final.has(key)) final.set(key, named)
  }
  return {
    changeable: [...changeable.values()],
    final: [...final.values()],
    anonymous: [...anonymous.values()],
    optionsOf,
  }
}
