import { COUNTED } from '../services/polls/signals.ts'
import { createThrottle } from '../services/polls/throttle.ts'
import type { Polls } from '../services/polls.ts'
import type { AnyEvent } from './frames.ts'
import type { Room } from './room.ts'

/** The time between two updates of a poll, milliseconds. */
const UPDATE_MS = 500

/** How the results of polls grow on the sockets of a process. */
export interface PollUpdates {
  /** Takes an event as it came. */
  onArrived(room: Room, event: AnyEvent): void
}

export function createPollUpdates(deps: {
  polls: Pick<Polls, 'standing'>
  onError(error: unknown): void
}): PollUpdates {
  const throttle = createThrottle(UPDATE_MS, deps.onError)
  const closed = new WeakMap<Room, Set<string>>()

  async function update(room: Room, pollId: string): Promise<void> {
    if (room.connections.size === 0) return
    const event = await deps.polls.standing(pollId)
    // It may have been closed while it was read: nothing comes after that.
    if (event && !closed.get(room)?.has(pollId)) room.show({ ...event })
  }

  return {
    onArrived(room, event) {
      if (event.type === 'poll.closed') {
        const ids = closed.get(room) ?? new Set<string>()
        closed.set(room, ids.add((event.poll as { id: string }).id))
      } else if (event.type === COUNTED) {
        const id = String(event.poll_id)
        throttle.ask(`${room.record.id} ${id}`, () => update(room, id))
      }
    },
  }
}
