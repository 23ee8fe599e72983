import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { sqlState } from '../repositories/database/errors.ts'
import type { Counted } from '../services/votes/counting.ts'
import type { VoteMetrics } from '../services/votes/metrics.ts'
import type { QueuedVote, VoteQueue } from '../state/votes.ts'

const BATCH = 1000
const WAIT_MS = 500
/** Longer than a transaction takes: then the consumer that has them is gone, or the database is, and another may try. */
const TAKEOVER_MS = 5_000
const LOOK_EVERY_MS = 1_000
/** A consumer that was not heard of for so long, and has nothing, is forgotten. */
const GONE_MS = 60_000
const FIRST_PAUSE_MS = 50
const LAST_PAUSE_MS = 2_000
const CLOSE_MS = 5_000
const DRAIN_POLL_MS = 20

export interface VoteWorkerOptions {
  voteQueue: VoteQueue
  /** Brings votes into the database in one transaction; may be done any number of times. */
  count: (votes: readonly QueuedVote[]) => Promise<Counted>
  metrics: VoteMetrics
  log: {
    info(fields: object, message: string): void
    warn(fields: object, message: string): void
    error(fields: object, message: string): void
  }
  /** For tests: how soon the votes of a consumer that went away are taken over, milliseconds. */
  takeoverMs?: number
}

export type CountedListener = (pollIds: readonly string[]) => void
export type VoteWorker = ReturnType<typeof createVoteWorker>

/**
 * Counts accepted votes: takes them in batches, writes each in one transaction, and acknowledges it after the commit. Any number of
 * processes may run one. While the database or Redis is away it waits, with growing pauses: nothing is lost and nothing is given up.
 */
export function createVoteWorker(options: VoteWorkerOptions) {
  const { voteQueue, count, metrics, log, takeoverMs = TAKEOVER_MS } = options
  const consumer = `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`
  const closing = new AbortController()
  const { signal } = closing
  const listeners: CountedListener[] = []
  let running: Promise<void> | undefined
  let lookAt = 0
  let forgetAt = 0

  /** Ends early when the worker closes. */
  const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => undefined)

  /** Until it succeeds, or the worker closes; whether it did. */
  async function persist(attempt: () => Promise<void>, what: string): Promise<boolean> {
    for (let ms = FIRST_PAUSE_MS; ; ms = Math.min(2 * ms, LAST_PAUSE_MS)) {
      try {
        await attempt()
        if (ms > FIRST_PAUSE_MS) log.info({ consumer }, `${what} again`)
        return true
      } catch (err) {
        if (ms === FIRST_PAUSE_MS) log.warn({ err, consumer }, `${what} not possible now`)
        if (signal.aborted) return false
        await pause(ms)
      }
    }
  }

  /** What others left, now and then; else what nobody has yet. */
  async function next(waitMs: number): Promise<QueuedVote[]> {
    const now = performance.now()
    if (now >= lookAt) {
      const claimed = await voteQueue.claim({ consumer, max: BATCH, idleMs: takeoverMs })
      if (claimed.length > 0) return claimed
      lookAt = now + LOOK_EVERY_MS
    }
    if (now >= forgetAt) {
      await voteQueue.removeGone(GONE_MS)
      forgetAt = now + GONE_MS
    }
    return voteQueue.read({ consumer, max: BATCH, waitMs, signal })
  }

  /** One that the database refuses does not keep back the others: the batch is halved until it is found. */
  async function countAll(batch: readonly QueuedVote[]): Promise<Counted> {
    try {
      return await count(batch)
    } catch (error) {
      if (!isRefusal(error)) throw error
      const [only] = batch
      if (batch.length === 1 && only) {
        log.error({ err: error, position: only.position }, 'a vote was refused by the database')
        return { pollIds: [], counted: [], refused: [{ position: only.position, reason: 'refused_by_database' }] }
      }
      const middle = Math.ceil(batch.length / 2)
      const [one, other] = [await countAll(batch.slice(0, middle)), await countAll(batch.slice(middle))]
      return {
        pollIds: [...new Set([...one.pollIds, ...other.pollIds])],
        counted: [...one.counted, ...other.counted],
        refused: [...one.refused, ...other.refused],
      }
    }
  }

  function tell(pollIds: readonly string[]): void {
    if (pollIds.length === 0) return
    for (const listener of listeners) {
      try {
        listener(pollIds)
      } catch (err) {
        log.error({ err }, 'a listener of counted votes failed')
      }
    }
  }

  /** Whether the batch is done with. What is not, somebody else counts: nothing that was counted is counted again. */
  async function settle(batch: readonly QueuedVote[]): Promise<boolean> {
    let outcome: Counted | undefined
    const write = async () => {
      const started = performance.now()
      outcome = await countAll(batch)
      metrics.counted(outcome.counted.length, (performance.now() - started) / 1000)
    }
    if (!(await persist(write, 'counting votes')) || !outcome) return false
    const { pollIds, counted, refused } = outcome
    tell(pollIds)
    const acknowledge = async () => {
      await voteQueue.ack(counted)
      await voteQueue.bury(refused)
    }
    if (!(await persist(acknowledge, 'acknowledging votes'))) return false
    for (const { position, reason } of refused) {
      metrics.buried(reason)
      log.error({ position, reason }, 'a vote could not be counted')
    }
    return true
  }

  async function consume(): Promise<void> {
    while (!signal.aborted) {
      let batch: QueuedVote[] = []
      const take = async () => {
        batch = await next(WAIT_MS)
      }
      if ((await persist(take, 'reading votes')) && batch.length > 0) await settle(batch)
    }
    // Nobody else has them.
    if (!voteQueue.isShared) await finish()
    await voteQueue.leave(consumer).catch(() => undefined)
  }

  async function finish(): Promise<void> {
    const rest = async () => [
      ...(await voteQueue.claim({ consumer, max: BATCH, idleMs: 0 })),
      ...(await voteQueue.read({ consumer, max: BATCH, waitMs: 0 })),
    ]
    for (let batch = await rest(); batch.length > 0; batch = await rest())
      if (!(await settle(batch))) return log.error({ votes: batch.length }, 'accepted votes were not counted')
  }

  return {
    /** Its name in the group. */
    consumer,
    /** Begins to count. Without it votes are accepted, and counted by other processes. */
    start(): void {
      running ??= consume()
    },
    /** Calls the listener after each commit, with the polls that votes were counted for. It must not wait. */
    onCounted: (listener: CountedListener) => void listeners.push(listener),
    /**
     * Waits until every vote up to a position is counted, by whichever process; false when that took longer than `timeoutMs`. After a
     * consumer was killed it takes seconds until another has what it had.
     */
    async drain(upTo: string, timeoutMs: number): Promise<boolean> {
      const deadline = performance.now() + timeoutMs
      while (!(await voteQueue.isDrained(upTo).catch(() => false))) {
        if (performance.now() > deadline) return false
        await sleep(DRAIN_POLL_MS)
      }
      return true
    },
    /** Takes no more votes, and finishes the batch at hand, as long as that does not take too long. May be called twice. */
    async close(): Promise<void> {
      closing.abort()
      const ended = new AbortController()
      await Promise.race([running, sleep(CLOSE_MS, undefined, { signal: ended.signal }).catch(() => undefined)])
      ended.abort()
    },
  }
}

/** Whether the database refuses what a row says (classes 22 and 23): anything else may pass. */
const isRefusal = (error: unknown): boolean => /^2[23]/.test(sqlState(error) ?? '')
