import type { Clock } from '../state.ts'
import {
  type Acceptance,
  type Ballots,
  CLOSED_MS,
  comparePositions,
  OPEN_MS,
  type OpenedPoll,
  positionParts,
  type Vote,
  type VoteQueue,
} from '../votes.ts'
import { createMemoryVoteQueue, type VoteStore } from './vote-queue.ts'

interface Known {
  /** Null: closed without having been known. */
  readonly poll: OpenedPoll | null
  readonly voters: Set<string>
  isOpen: boolean
  endsAt: number
}

/** The gate and the queue of the votes, within one process: what it has accepted and not counted ends with it. */
export function createMemoryVotes({ now = Date.now }: { now?: Clock } = {}): {
  ballots: Ballots
  voteQueue: VoteQueue
} {
  const polls = new Map<string, Known>()
  const store: VoteStore = { entries: new Map(), dead: [], last: '0-0', arrived: new EventTarget() }

  function known(pollId: string): Known | undefined {
    const found = polls.get(pollId)
    return found && found.endsAt > now() ? found : undefined
  }

  /** As Redis numbers the entries of a stream: by the clock, and never back. */
  function nextPosition(): string {
    const { ms, n } = positionParts(store.last)
    const at = Math.floor(now())
    store.last = at > ms ? `${at}-0` : `${ms}-${n + 1}`
    return store.last
  }

  function judge({ pollId, voter, optionIds }: Vote): Acceptance {
    const { poll, isOpen, voters } = known(pollId) ?? {}
    if (isOpen === undefined) return 'unknown'
    if (!poll || !isOpen) return 'closed'
    const isKnown = optionIds.every((id) => poll.options.includes(id))
    const isOnce = new Set(optionIds).size === optionIds.length
    if (optionIds.length === 0 || !isKnown || !isOnce || (optionIds.length > 1 && !poll.multiple)) return 'invalid'
    if (!isChangeable(poll) && voters?.has(voter)) return 'already_voted'
    return 'accepted'
  }

  const ballots: Ballots = {
    async openPoll(poll) {
      for (const [id, { endsAt }] of polls) if (endsAt <= now()) polls.delete(id)
      const before = known(poll.id)
      if (before) return before.isOpen ? 'open' : 'closed'
      polls.set(poll.id, { poll, voters: new Set(poll.voters), isOpen: true, endsAt: now() + OPEN_MS })
      if (poll.after && comparePositions(poll.after, store.last) > 0) store.last = poll.after
      return 'open'
    },
    async closePoll(pollId) {
      const { poll = null, voters = new Set<string>() } = known(pollId) ?? {}
      polls.set(pollId, { poll, voters, isOpen: false, endsAt: now() + CLOSED_MS })
      return store.last
    },
    async forgetPoll(pollId) {
      polls.delete(pollId)
    },
    roomOf: async (pollId) => known(pollId)?.poll?.roomId ?? null,
    async accept(vote) {
      const acceptance = judge(vote)
      if (acceptance !== 'accepted') return acceptance
      const { poll, voters } = known(vote.pollId) ?? {}
      if (poll && !isChangeable(poll)) voters?.add(vote.voter)
      const isAnonymous = poll?.anonymous ?? false
      store.entries.set(nextPosition(), { vote: structuredClone(vote), isAnonymous, consumer: null, takenAt: 0 })
      store.arrived.dispatchEvent(new Event('vote'))
      return 'accepted'
    },
  }
  return { ballots, voteQueue: createMemoryVoteQueue({ store, now }) }
}

const isChangeable = ({ anonymous, changeable }: OpenedPoll): boolean => changeable && !anonymous
