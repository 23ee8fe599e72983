import { AppError } from '../../errors.ts'
import type { PollRecord } from '../../repositories/polls.ts'
import type { Poll } from '../../schemas/polls.ts'
import { payerOf } from '../meeting-allowance.ts'
import { open } from '../meetings/access.ts'
import type { Principal } from '../principal.ts'
import type { createBallotOpening } from '../votes/opening.ts'
import type { createPollAccess, PollAccess } from './access.ts'
import type { PollsDeps } from './deps.ts'
import type { createReading } from './reading.ts'
import type { createResults } from './results.ts'
import type { PollTextsService } from './texts.ts'
import { type PollEvent, toSource } from './wire.ts'

/** How long a host waits for the accepted votes to be counted, and the end of a room. */
const DRAIN_MS = 10_000
const ENDING_MS = 3_000
/** How many polls are finished at a time that others left in the middle. */
const AT_ONCE = 100

/** Opening polls for votes, and closing them. */
export function createRunning(
  deps: PollsDeps,
  { hostPollAccess }: ReturnType<typeof createPollAccess>,
  parts: {
    texts: PollTextsService
    results: ReturnType<typeof createResults>
    openBallot: ReturnType<typeof createBallotOpening>
  },
  { shown }: Pick<ReturnType<typeof createReading>, 'shown'>,
) {
  const { audit, polls, rooms, drain, log, now } = deps
  const { ballots, roomEvents } = deps.state
  const { texts, results, openBallot } = parts

  async function eventOf(type: PollEvent['type'], poll: PollRecord, roomCode: string): Promise<PollEvent> {
    const isForAll = poll.results === 'live' || (poll.results === 'on_close' && poll.status === 'closed')
    const [words, tally] = await Promise.all([texts.of(poll.id), results.brief(poll)])
    const source = toSource(poll, roomCode)
    return { type, poll: source, texts: words, tally, tally_for: isForAll ? 'everybody' : 'hosts' }
  }

  /** The row says first that it is open, in a room that cannot end meanwhile; null when it was no draft any more. */
  function write(access: PollAccess): Promise<PollRecord | null> {
    return audit.transaction(async (tx, record) => {
      const room = await rooms.lock(access.room.id, tx)
      if (!room) throw new AppError('NOT_FOUND')
      open({ ...access, room })
      const opened = await polls.setStatus(access.poll.id, { from: 'draft', to: 'open', at: now() }, tx)
      if (opened) record({ action: 'poll_opened', outcome: 'success', subject: opened.id, roomId: room.id })
      return opened
    })
  }

  /**
   * Closes a poll that is open, or finishes a close that was cut short: no more votes are accepted, those that were are counted, and
   * then the room is told. Null when it is gone. Throws SERVICE_UNAVAILABLE when counting takes longer than `patienceMs`: it is
   * `closing` then, and any process finishes it.
   */
  async function finish({ id }: PollRecord, roomCode: string, patienceMs = DRAIN_MS): Promise<PollRecord | null> {
    await polls.setStatus(id, { from: 'open', to: 'closing', at: now() })
    const upTo = await ballots.closePoll(id)
    if (!(await drain(upTo, patienceMs))) {
      const message = 'The votes are still being counted: the poll closes when they are.'
      throw new AppError('SERVICE_UNAVAILABLE', message, { headers: { 'retry-after': '5' } })
    }
    const closed = await audit.transaction(async (tx, record) => {
      const closed = await polls.setStatus(id, { from: 'closing', to: 'closed', at: now() }, tx)
      if (closed) record({ action: 'poll_closed', outcome: 'success', subject: id, roomId: closed.room_id })
      return closed
    })
    // Somebody else closed it at the same time, and tells the room.
    if (!closed) return polls.find(id)
    await roomEvents.append(closed.room_id, { ...(await eventOf('poll.closed', closed, roomCode)) })
    return closed
  }

  async function finishQuietly(poll: PollRecord, roomCode: string, patienceMs: number): Promise<void> {
    await finish(poll, roomCode, patienceMs).catch((err: unknown) =>
      log.warn({ err, poll_id: poll.id }, 'a poll could not be closed yet'),
    )
  }

  return {
    eventOf,
    finish,

    /**
     * Lets people vote, and tells the room, each in its language. Opening what is open changes nothing. Throws NOT_FOUND, FORBIDDEN,
     * ROOM_ENDED, CONFLICT for one that was closed.
     */
    async open(principal: Principal, pollId: string): Promise<Poll> {
      const access = await hostPollAccess(principal, pollId)
      open(access)
      const { room, poll } = access
      if (poll.status === 'draft') await texts.forRoom(toSource(poll, room.room_code), room.id, payerOf(principal))
      const opened = poll.status === 'draft' ? await write(access) : null
      const current = opened ?? (await polls.find(poll.id))
      if (!current) throw new AppError('NOT_FOUND')
      if (current.status !== 'open') throw new AppError('CONFLICT', 'The poll was closed.')
      await openBallot(current)
      if (opened) await roomEvents.append(room.id, { ...(await eventOf('poll.opened', opened, room.room_code)) })
      return shown(access, principal, current)
    },

    /**
     * Ends the voting: resolves when every accepted vote is counted and the room is told. Closing what is closed changes nothing. Throws
     * NOT_FOUND, FORBIDDEN, CONFLICT for a draft, and SERVICE_UNAVAILABLE while votes are still being counted.
     */
    async close(principal: Principal, pollId: string): Promise<Poll> {
      const access = await hostPollAccess(principal, pollId)
      const { room, poll } = access
      if (poll.status === 'draft') throw new AppError('CONFLICT', 'The poll was never opened.')
      const closed = poll.status === 'closed' ? poll : await finish(poll, room.room_code)
      if (!closed) throw new AppError('NOT_FOUND')
      return shown(access, principal, closed)
    },

    /** Closes every open poll of a room that ends. Never throws: what takes too long is finished later. */
    async closeAll(roomId: string): Promise<void> {
      try {
        const room = await rooms.findById(roomId)
        if (!room) return
        const found = await polls.ofRoom(roomId, { limit: AT_ONCE, offset: 0, statuses: ['open', 'closing'] })
        await Promise.all(found.polls.map((poll) => finishQuietly(poll, room.room_code, ENDING_MS)))
      } catch (err) {
        log.warn({ err, room_id: roomId }, 'the polls of a room that ends could not be closed')
      }
    },

    /** Finishes what was left `closing`, and closes what is still open in rooms that have ended. Call now and then, on any process. */
    async settle(): Promise<void> {
      for (const { poll, roomCode } of await polls.unfinished(AT_ONCE)) await finishQuietly(poll, roomCode, ENDING_MS)
    },
  }
}
