import type { ClientMessage } from '../schemas/meeting-socket.ts'
import type { Tracing } from '../services/tracing.ts'
import { baseLanguage } from '../services/translation.ts'
import type { Connection } from './connection.ts'
import type { AnyEvent, EventFrames } from './frames.ts'
import type { Messages } from './messages.ts'
import type { Room } from './room.ts'

/** Handles each frame of a socket as a trace of its own, as far as the captions that come of it. */
export function traceMessages(messages: Messages, tracing: Tracing): Messages['handle'] {
  if (!tracing.isOn) return messages.handle
  return (room: Room, connection: Connection, message: ClientMessage) => {
    if (message.type === 'ping') return messages.handle(room, connection, message)
    const attributes = { 'fluentmeet.room_id': room.record.id, 'fluentmeet.frame': message.type }
    return tracing.run(`socket ${message.type}`, { kind: 'server', parent: null, attributes }, async (span) => {
      try {
        await messages.handle(room, connection, message)
      } catch (error) {
        span.fail(error)
        messages.fail(connection, error, message)
      }
    })
  }
}

/** Hands an event that carries a trace to its readers: one span for each language that is read here. */
export function deliverTraced(
  { frames, parent, readers }: { frames: EventFrames; parent: string; readers: readonly Connection[] },
  tracing: Tracing,
): void {
  for (const [language, group] of Map.groupBy(readers, (reader) => languageOf(frames.event, reader))) {
    const attributes = { 'fluentmeet.language': language, 'fluentmeet.listeners': group.length }
    tracing.run('caption deliver', { kind: 'consumer', parent, attributes }, () => {
      for (const { outbox } of group) outbox.deliver(frames)
    })
  }
}

/** Where an event stands in a trace, if it does. */
export function traceOf({ trace }: AnyEvent): string | undefined {
  return typeof trace === 'string' ? trace : undefined
}

/** A speaker reads its own words as they were said. */
function languageOf(event: AnyEvent, { participant }: Connection): string {
  const isOwn = (event.speaker as { id?: string } | undefined)?.id === participant.id
  return baseLanguage(isOwn ? String(event.source_language) : participant.listening_language)
}
