import { isPollEvent } from '../services/polls/wire.ts'
import { baseLanguage } from '../services/translation.ts'
import type { Connection } from './connection.ts'
import type { AnyEvent } from './frames.ts'

/** Whether a socket gets an event: those inside, and of them those it is addressed to. Nobody who waits in the lobby. */
export function reaches({ to }: AnyEvent, connection: Connection): boolean {
  if (!connection.inside) return false
  if (to === undefined) return true
  return (to.hosts === true && connection.isHost) || (to.participants?.includes(connection.participantId) ?? false)
}

/** The languages in which a caption or a poll is read on these sockets. A speaker reads its own words as they were said. */
export function languagesRead(event: AnyEvent, connections: Iterable<Connection>): Set<string> {
  const languages = new Set<string>()
  const isPoll = isPollEvent(event)
  if (event.type !== 'caption' && !isPoll) return languages
  const id = isPoll ? null : (event.speaker as { id: string }).id
  const tags = new Set<string>()
  for (const { inside, participantId, listening } of connections) {
    if (inside && participantId !== id) tags.add(listening)
  }
  for (const tag of tags) languages.add(baseLanguage(tag))
  return languages
}

/** The sockets of the participant that an event is about. */
export function ofParticipant(connections: Iterable<Connection>, event: AnyEvent): Connection[] {
  const { id } = event.participant as { id: string }
  return [...connections].filter(({ participant }) => participant.id === id)
}
