import type { Clock } from '../state.ts'
import { comparePositions, type DeadLetter, positionParts, type Vote, type VoteQueue } from '../votes.ts'

interface Entry {
  readonly vote: Vote
  readonly isAnonymous: boolean
  consumer: string | null
  takenAt: number
}

export interface VoteStore {
  /** By position, oldest first. */
  readonly entries: Map<string, Entry>
  readonly dead: DeadLetter[]
  /** The last position that was given. */
  last: string
  /** Says `vote` when one was queued. */
  readonly arrived: EventTarget
}

/** The queue of the votes, within one process. */
export function createMemoryVoteQueue({ store, now }: { store: VoteStore; now: Clock }): VoteQueue {
  const { entries, dead, arrived } = store
  const seen = new Map<string, number>()

  function take(consumer: string, max: number, isFree: (entry: Entry) => boolean) {
    seen.set(consumer, now())
    const taken: { position: string; vote: Vote }[] = []
    for (const [position, entry] of entries) {
      if (taken.length === max) break
      if (!isFree(entry)) continue
      entry.consumer = consumer
      entry.takenAt = now()
      taken.push({ position, vote: entry.vote })
    }
    return taken
  }

  const isBusy = (consumer: string) => [...entries.values()].some((entry) => entry.consumer === consumer)

  /** Resolves when a vote is queued, when that takes too long, or with the signal. */
  function arrival(waitMs: number, signal: AbortSignal | undefined): Promise<void> {
    if (waitMs <= 0 || signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        arrived.removeEventListener('vote', done)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, waitMs)
      arrived.addEventListener('vote', done)
      signal?.addEventListener('abort', done)
    })
  }

  return {
    isShared: false,
    async read({ consumer, max, waitMs, signal }) {
      const isFree = (entry: Entry) => entry.consumer === null
      const taken = take(consumer, max, isFree)
      if (taken.length > 0) return taken
      await arrival(waitMs, signal)
      return take(consumer, max, isFree)
    },
    claim: async ({ consumer, max, idleMs }) =>
      take(consumer, max, (entry) => entry.consumer !== null && entry.takenAt + idleMs <= now()),
    async ack(positions) {
      for (const position of positions) entries.delete(position)
    },
    async bury(letters) {
      for (const { position, reason } of letters) {
        const entry = entries.get(position)
        if (!entry) continue
        dead.push({ position, reason, fields: fieldsOf(entry) })
        entries.delete(position)
      }
    },
    async leave(consumer) {
      if (!isBusy(consumer)) seen.delete(consumer)
    },
    async removeGone(idleMs) {
      const gone = [...seen].filter(([consumer, at]) => at + idleMs <= now() && !isBusy(consumer))
      for (const [consumer] of gone) seen.delete(consumer)
      return gone.length
    },
    async isDrained(upTo) {
      const first = entries.keys().next().value
      return first === undefined || comparePositions(first, upTo) > 0
    },
    async backlog() {
      const first = entries.keys().next().value
      return {
        waiting: entries.size,
        pending: [...entries.values()].filter(({ consumer }) => consumer !== null).length,
        oldestMs: first === undefined ? 0 : Math.max(0, Math.floor(now()) - positionParts(first).ms),
        dead: dead.length,
      }
    },
    deadLetters: async (max) => dead.slice(0, max),
  }
}

/** As an entry of the stream has them. */
function fieldsOf({ vote, isAnonymous }: Entry): Record<string, string> {
  const { pollId, voter, optionIds, at } = vote
  const fields = { poll: pollId, options: JSON.stringify(optionIds), anonymous: isAnonymous ? '1' : '0' }
  return isAnonymous ? fields : { ...fields, voter, at: String(at) }
}
