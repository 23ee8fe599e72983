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
  readonly inside: LRUCache<string, string>
  /** Who has gone of late: what was read of them before may not be believed. */
  readonly gone: LRUCache<string, true>
  readonly listening: Promise<() => void>
  isOver: boolean
}

/**
 * Who may vote in a room. While people vote, the database is not asked who they are: everybody inside is read at once, remembered for a
 * moment, and forgotten as soon as the room tells of them, on whichever process they left or were put out.
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
  /** Those that read who is inside a room, or did a moment ago. */
  const readings = new LRUCache<string, Promise<void>>({ max: MAX_ROOMS, ttl: BELIEVED_MS })

  function peopleOf(roomId: string): People {
    const found = known.get(roomId)
    if (found) return found
    const listening = roomEvents.subscribe(roomId, (event) => {
      if (event.type === 'room.ended') {
        people.isOver = true
        people.inside.clear()
      }
      // One whose connection is lost may still vote.
      if (event.type !== 'participant.left' || event.reason === 'gone') return
      const { id: left = '' } = (event.participant ?? {}) as { id?: string }
      people.gone.set(left, true)
      for (const [subject, id] of people.inside.entries()) if (id === left) people.inside.delete(subject)
    })
    const bounds = { max: MAX_PEOPLE, ttl: BELIEVED_MS }
    const people: People = { inside: new LRUCache(bounds), gone: new LRUCache(bounds), listening, isOver: false }
    known.set(roomId, people)
    // The next one tries again.
    listening.catch(() => {
      if (known.peek(roomId) === people) known.delete(roomId)
    })
    return people
  }

  function remember(people: People, subject: string, id: string): void {
    if (!people.isOver && !people.gone.has(id)) people.inside.set(subject, id)
  }

  /** Reads once for all who vote at the same time. */
  function readInside(roomId: string, people: People): Promise<void> {
    const under = readings.get(roomId)
    if (under) return under
    const reading = (async () => {
      await people.listening
      const room = await rooms.findById(roomId)
      if (!room || room.status === 'ended') return
      for (const { id, user_id } of await participants.inside(roomId, MAX_PEOPLE))
        remember(people, user_id === null ? `g:${id}` : `u:${user_id}`, id)
    })()
    readings.set(roomId, reading)
    reading.catch(() => {
      if (readings.peek(roomId) === reading) readings.delete(roomId)
    })
    return reading
  }

  /**
   * The id of the caller as a participant who is inside. Throws NOT_FOUND to whoever is nothing to the room, ROOM_ENDED, and FORBIDDEN to
   * whoever waits, has left or was turned away.
   */
  return async (principal: Principal, roomId: string): Promise<string> => {
    const people = peopleOf(roomId)
    const subject = subjectOf(principal)
    const remembered = people.inside.get(subject)
    if (remembered !== undefined) return remembered
    await readInside(roomId, people)
    const read = people.inside.get(subject)
    if (read !== undefined) return read
    const room = await rooms.findById(roomId)
    if (!room) throw new AppError('NOT_FOUND')
    const found = await access(principal, room.room_code)
    const { participant } = membership(found.room, found.participant)
    remember(people, subject, participant.id)
    return participant.id
  }
}
