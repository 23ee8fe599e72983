import { AppError } from '../errors.ts'
import { DatabaseUnavailableError } from '../repositories/database.ts'
import type { ClientMessage, LanguageSet, Say } from '../schemas/meeting-socket.ts'
import type { Captions } from '../services/captions.ts'
import type { RoomEvents } from '../state/room-events.ts'
import { StateUnavailableError } from '../state/state.ts'
import type { Chains } from './chains.ts'
import { refOfMessage } from './codec.ts'
import type { Connection } from './connection.ts'
import type { SocketLog, SocketMeetings } from './ports.ts'
import { resume } from './resume.ts'
import type { Room } from './room.ts'

export interface MessagesDeps {
  meetings: Pick<SocketMeetings, 'setLanguages'>
  captions: Captions
  roomEvents: Pick<RoomEvents, 'after'>
  /** One chain a speaker and room. */
  speakers: Chains
  log: SocketLog
  now: () => Date
}

export interface Messages {
  /** Acts on a valid message. Throws what `fail` reports. */
  handle(room: Room, connection: Connection, message: ClientMessage): Promise<void>
  /** Answers an error frame that names the message. */
  fail(connection: Connection, error: unknown, message: ClientMessage): void
}

/** What the server does on each type of client message. */
export function createMessages({ meetings, captions, roomEvents, speakers, log, now }: MessagesDeps): Messages {
  async function handle(room: Room, connection: Connection, message: ClientMessage): Promise<void> {
    switch (message.type) {
      case 'say':
        return say(room, connection, message)
      case 'language.set':
        return setLanguages(connection, message)
      case 'resume':
        return resume({ roomEvents, captions }, connection, message.after_seq)
      case 'ping':
        return connection.outbox.send({
          type: 'pong',
          ...(message.id === undefined ? {} : { id: message.id }),
          at: now().toISOString(),
        })
    }
  }

  /** Queues behind what the speaker said before, so that its order is kept whatever each translation takes. */
  function say(room: Room, connection: Connection, message: Say): void {
    const { participant: speaker } = connection
    const { text, id, final = true, revision = 0 } = message
    if (id !== undefined && !room.captionOwners.claim(id, speaker.id))
      throw new AppError('CONFLICT', 'This caption id is in use by somebody else.')
    const queued = speakers.push(`${room.record.id}:${speaker.id}`, async () => {
      try {
        await captions.say({ roomId: room.record.id, speaker, text, id, final, revision, floor: room.seq })
      } catch (error) {
        fail(connection, error, message)
      }
    })
    if (!queued) throw new AppError('RATE_LIMIT_EXCEEDED', 'Too many captions wait to be translated.')
  }

  async function setLanguages(connection: Connection, message: LanguageSet): Promise<void> {
    const { speaking, listening, spoken_output } = message
    if (speaking !== undefined || listening !== undefined) {
      const { room } = connection.admission
      connection.participant = await meetings.setLanguages(room, connection.participant, { speaking, listening })
    }
    if (spoken_output) throw new AppError('UNPROCESSABLE', 'spoken output is not available yet')
  }

  function fail(connection: Connection, error: unknown, message: ClientMessage): void {
    const unavailable = error instanceof StateUnavailableError || error instanceof DatabaseUnavailableError
    const known = error instanceof AppError
    if (!unavailable && !known) log.error({ err: error, type: message.type }, 'a socket message failed')
    const shown = known ? error : new AppError(unavailable ? 'SERVICE_UNAVAILABLE' : 'INTERNAL_ERROR')
    connection.error(shown.code, shown.message, refOfMessage(message))
  }

  return { handle, fail }
}
