import { LRUCache } from 'lru-cache'
import { AppError } from '../../errors.ts'
import { createAccess, membership } from '../meetings/access.ts'
import { type Principal, subjectOf } from '../principal.ts'
import type { PollsDeps } from './deps.ts'

/** How long it is believed that somebody is inside when nothing else is heard, milliseconds. */
const BELIEVED_MS = 10_000
const MAX_ROOMS = 200
const MAX_PEOPLE = 1_500

interface People {
  /** Participants by subject. */
  readonly ids: LRUCache<string, string>
  /** Grows with everybody who goes: what was read before may not be believed. */
  gone: number
  readonly listening: Promise<() => void>
}

/**
 * Who may vote in a room. While people vote, the database is not asked who they are: those inside are remembered for a moment, and
 * forgotten as soon as the room tells of them, on whichever process they left or were put out.
 */
export function createElectorate({
  rooms,
  participants,
  state: { roomEvents },
}: Pick<PollsDeps, 'rooms' | 'participants' | 'state'>) {
  const { access } = createAccess({ rooms, participants })
  const known = new LRUCache<string, People>({
    max: MAX_ROOMS,
    dispose: ({ listening }) => void listening.then((stop) => stop()).catch(() => undefined),
  })

  function peopleOf(roomId: string): People {
    const found = known.get(roomId)
    if (found) return found
    const ids = new LRUCache<string, string>({ max: MAX_PEOPLE, ttl: BELIEVED_MS })
    const listening = roomEvents.subscribe(roomId, (event) => {
      if (event.type === 'room.ended') ids.clear()
      // One whose connection is lost may still vote.
      else if (event.type !== 'participant.left' || event.reason === 'gone') return
      people.gone += 1
      const { id: left } = (event.participant ?? {}) as { id?: string }
      for (const [subject, id] of ids.entries()) if (id === left) ids.delete(subject)
    })
    const people: People = { ids, gone: 0, listening }
    known.set(roomId, people)
    // The next one tries again.
    listening.catch(() => {
      if (known.peek(roomId) === people) known.delete(roomId)
    })
    return people
  }

  /**
   * The id of the caller as a participant who is inside. Throws NOT_FOUND to whoever is nothing to the room, ROOM_ENDED, and FORBIDDEN to
   * whoever waits, has left or was turned away.
   */
  return async (principal: Principal, roomId: string): Promise<string> => {
    const people = peopleOf(roomId)
    const subject = subjectOf(principal)
    const id = people.ids.get(subject)
    if (id !== undefined) return id
    await people.listening
    const { gone } = people
    const room = await rooms.findById(roomId)
    if (!room) throw new AppError('NOT_FOUND')
    const found = await access(principal, room.room_code)
    const { participant } = membership(found.room, found.participant)
    if (people.gone === gone) people.ids.set(subject, participant.id)
    return participant.id
  }
}
