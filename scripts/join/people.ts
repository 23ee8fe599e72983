import type { Participant, ServerFrame } from '../../clients/typescript/src/index.ts'

/** Who is there, and which of them one is, as the frames tell. */
export function createPeople() {
  const present = new Map<string, Participant>()
  let me: Participant | null = null
  return {
    present,
    me: () => me,
    take(frame: ServerFrame): void {
      if (frame.type === 'welcome') {
        me = frame.participant
        present.clear()
        for (const person of frame.participants) present.set(person.id, person)
      } else if (frame.type === 'participant.left') present.delete(frame.participant.id)
      else if (frame.type === 'participant.joined' || frame.type === 'participant.updated')
        present.set(frame.participant.id, frame.participant)
    },
  }
}
