/** What voting needs to know of a poll. Ids of options are short texts. */
export interface BallotPoll {
  readonly id: string
  readonly roomId: string
  readonly options: readonly string[]
  /** Whether a vote may be for several options. */
  readonly multiple: boolean
  readonly anonymous: boolean
  /** Whether a later vote replaces an earlier one. Never where it is anonymous: what was counted cannot be taken back. */
  readonly changeable: boolean
}

export interface OpenedPoll extends BallotPoll {
  /** Who has voted already, where a second vote is refused: what the database knows when Redis has lost it. */
  readonly voters?: readonly string[]
  /** The last position that is counted: later votes come after it, also by a clock that was set back. */
  readonly after?: string | null
}

/** A vote as it is cast: `voter` is the id of a participant, `at` milliseconds since the epoch. */
export interface Vote {
  readonly pollId: string
  readonly voter: string
  readonly optionIds: readonly string[]
  readonly at: number
}

/**
 * `unknown`: the poll was never opened here, or Redis came back without it: open it again from the database, and ask again.
 * `invalid`: an option that the poll does not have, one twice, none, or several where it takes one.
 */
export type Acceptance = 'accepted' | 'closed' | 'unknown' | 'already_voted' | 'invalid'

/** How long a poll is known: from when it is opened (then `unknown`, and it is opened again), and after it was closed. Milliseconds. */
export const OPEN_MS = 30 * 86_400_000
export const CLOSED_MS = 3_600_000

/** The gate of the votes: who may still vote, decided in one step with the queueing. Everything throws StateUnavailableError. */
export interface Ballots {
  /** Opens a poll for votes. One that is known stays as it is; one that was closed stays `closed`. */
  openPoll(poll: OpenedPoll): Promise<'open' | 'closed'>
  /**
   * Nothing is accepted from then on, also when the poll was not known. Answers the position up to which the queue must be drained
   * for all of its votes to be counted.
   */
  closePoll(pollId: string): Promise<string>
  /** The poll is `unknown` from then on. */
  forgetPoll(pollId: string): Promise<void>
  /** The room of a known poll, open or closed; null when it is not known, or was closed without being known. */
  roomOf(pollId: string): Promise<string | null>
  /** Queues a vote if it may be cast. After an error it may be queued or not: asking again does no harm, the later one counts. */
  accept(vote: Vote): Promise<Acceptance>
}

/** A vote in the queue; `vote` is null when the entry cannot be read. Positions are `ms-n`, in the order of acceptance. */
export interface QueuedVote {
  readonly position: string
  readonly vote: Vote | null
}

export interface Backlog {
  /** Votes that are accepted and not counted yet; `pending` of them are with a consumer. */
  readonly waiting: number
  readonly pending: number
  /** How long the oldest of them has waited, milliseconds; 0 without one. */
  readonly oldestMs: number
  /** Dead letters. */
  readonly dead: number
}

/** How long dead letters are kept, milliseconds. */
export const DEAD_MS = 30 * 86_400_000

/** An entry as it was, without the voter where the poll is anonymous: no entry that stays may join somebody to an option. */
export interface DeadLetter {
  readonly position: string
  readonly reason: string
  readonly fields: Readonly<Record<string, string>>
}

/**
 * The queue of accepted votes and the group of consumers that counts them. A vote stays in it until it is acknowledged or buried; one
 * that a consumer took and did not acknowledge can be claimed by another. Everything throws StateUnavailableError.
 */
export interface VoteQueue {
  /** Whether other processes can take over what this one leaves. */
  readonly isShared: boolean
  /** At most `max` votes that nobody has, oldest first; waits up to `waitMs` for the first, or until the signal. */
  read(options: { consumer: string; max: number; waitMs: number; signal?: AbortSignal }): Promise<QueuedVote[]>
  /** At most `max` votes that some consumer, this one too, has had for `idleMs`. They are this one's from then on. */
  claim(options: { consumer: string; max: number; idleMs: number }): Promise<QueuedVote[]>
  /** They are counted: they leave the queue. */
  ack(positions: readonly string[]): Promise<void>
  /** They cannot be counted: they leave the queue for the dead letters, once however often this is called. */
  bury(letters: readonly { position: string; reason: string }[]): Promise<void>
  /** The consumer ends. One that still has votes is kept, for others to claim them. */
  leave(consumer: string): Promise<void>
  /** Removes consumers that have nothing and were not heard of for so long; how many. */
  removeGone(idleMs: number): Promise<number>
  /** Whether everything up to the position has left the queue. */
  isDrained(upTo: string): Promise<boolean>
  backlog(): Promise<Backlog>
  /** The oldest dead letters, at most `max`. */
  deadLetters(max: number): Promise<DeadLetter[]>
}

/** Orders positions. */
export function comparePositions(a: string, b: string): number {
  const [one, other] = [positionParts(a), positionParts(b)]
  return one.ms - other.ms || one.n - other.n
}

/** The milliseconds of a position, and its number within them. */
export function positionParts(position: string): { ms: number; n: number } {
  const [ms, n] = position.split('-')
  return { ms: Number(ms), n: Number(n ?? 0) }
}
