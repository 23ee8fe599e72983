import { LRUCache } from 'lru-cache'
import type { PollsRepository } from '../../repositories/polls.ts'
import type { RoomEvents } from '../../state/room-events.ts'
import { createThrottle } from './throttle.ts'

/** How often the processes are told at most that votes of a poll were counted, milliseconds. */
const TOLD_EVERY_MS = 250
const MAX_POLLS_KNOWN = 5_000

/** What the bus of a room carries when votes were counted. For processes alone: no socket gets it. */
export const COUNTED = 'poll.counted'

/**
 * Tells the room of each poll that votes were counted, whichever process counted them. Not what the counts are: those with sockets read
 * them afterwards, so that no late message takes anything back.
 */
export function createCountSignals(deps: {
  polls: Pick<PollsRepository, 'find'>
  roomEvents: Pick<RoomEvents, 'send'>
  log: { warn(fields: object, message: string): void }
}): (pollIds: readonly string[]) => void {
  const { polls, roomEvents, log } = deps
  const roomIds = new LRUCache<string, string>({ max: MAX_POLLS_KNOWN })
  const throttle = createThrottle(TOLD_EVERY_MS, (err) => log.warn({ err }, 'counted votes could not be told'))

  async function tell(pollId: string): Promise<void> {
    const roomId = roomIds.get(pollId) ?? (await polls.find(pollId))?.room_id
    if (roomId === undefined) return
    roomIds.set(pollId, roomId)
    await roomEvents.send(roomId, { type: COUNTED, poll_id: pollId, to: {} })
  }

  return (pollIds) => {
    for (const pollId of pollIds) throttle.ask(pollId, () => tell(pollId))
  }
}
