import { signal } from '@preact/signals'
import type { Participant, Room } from '../api/types.ts'
import type { ServerFrame } from './frames.ts'

export type People = ReturnType<typeof createPeople>

/** Who is there, who waits, and the room itself, as the frames tell. */
export function createPeople(self: Participant) {
  const me = signal<Participant>(self)
  const present = signal<ReadonlyMap<string, Participant>>(new Map())
  const lobby = signal<ReadonlyMap<string, Participant>>(new Map())
  const room = signal<Room | null>(null)

  const put = (list: typeof present, participant: Participant): void => {
    list.value = new Map(list.value).set(participant.id, participant)
  }
  const drop = (list: typeof present, { id }: Participant): void => {
    if (!list.value.has(id)) return
    const rest = new Map(list.value)
    rest.delete(id)
    list.value = rest
  }
  const byId = (people: readonly Participant[]) => new Map(people.map((person) => [person.id, person]))

  function take(frame: ServerFrame): void {
    switch (frame.type) {
      case 'welcome':
        me.value = frame.participant
        present.value = byId(frame.participants)
        lobby.value = byId(frame.lobby ?? [])
        room.value = frame.room
        return
      case 'participant.joined':
      case 'participant.updated':
        put(present, frame.participant)
        if (frame.participant.id === me.value.id) me.value = frame.participant
        return
      case 'participant.left':
        drop(present, frame.participant)
        return
      case 'lobby.waiting':
        put(lobby, frame.participant)
        return
      case 'lobby.admitted':
      case 'lobby.rejected':
      case 'lobby.left':
        drop(lobby, frame.participant)
        return
      case 'room.updated':
        room.value = frame.room
    }
  }

  return { me, present, lobby, room, take }
}
