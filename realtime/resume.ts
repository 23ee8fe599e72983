import type { RoomEvents } from '../state/room-events.ts'
import type { Connection } from './connection.ts'
import { type AnyEvent, createEventFrames } from './frames.ts'
import type { EventTexts } from './texts.ts'

/**
 * Sends a connection the kept events after `afterSeq` that it was not sent yet, in order; live ones wait so long. What was said
 * before the participant joined is left out, except for hosts; the numbers go on past it.
 * When some are no longer kept nothing is replayed: the client is told CONFLICT and reloads. Throws StateUnavailableError.
 */
export async function resume(
  { roomEvents, texts }: { roomEvents: Pick<RoomEvents, 'after'>; texts: Pick<EventTexts, 'complete'> },
  connection: Connection,
  afterSeq: number,
): Promise<void> {
  if (afterSeq > connection.outbox.high) return missed(connection)
  if (afterSeq >= connection.outbox.low) return
  connection.outbox.hold()
  try {
    const { events, complete } = await roomEvents.after(connection.admission.roomId, afterSeq)
    if (!complete) return missed(connection)
    const upTo = connection.outbox.low
    connection.outbox.low = afterSeq
    for (const event of events) {
      if (connection.closing) return
      if (event.seq > upTo) break
      if (!mayRead(connection, event)) continue
      const { participant, admission } = connection
      const complete = await texts.complete(event, admission.roomId, [participant.listening_language], participant)
      await connection.outbox.replay(createEventFrames(complete))
    }
  } finally {
    connection.outbox.release()
  }
}

function mayRead({ isHost, participant }: Connection, { type, at }: AnyEvent): boolean {
  return type !== 'caption' || isHost || Date.parse(at) >= participant.joined_at.getTime()
}

function missed(connection: Connection): void {
  connection.error('CONFLICT', 'The events after this number are no longer kept: reload the meeting.', 'resume')
}
