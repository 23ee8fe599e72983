import { AppError } from '../errors.ts'
import { DatabaseUnavailableError } from '../repositories/database.ts'
import type { ClientMessage, LanguageSet, Say, Signal, StateSet } from '../schemas/meeting-socket.ts'
import type { Captions } from '../services/captions.ts'
import { type State, StateUnavailableError } from '../state/state.ts'
import type { Audio } from './audio.ts'
import type { Chains } from './chains.ts'
import { refOfMessage } from './codec.ts'
import type { Connection } from './connection.ts'
import type { SocketLog, SocketMeetings } from './ports.ts'
import { resume } from './resume.ts'
import type { Room } from './room.ts'
import type { EventTexts } from './texts.ts'

export interface MessagesDeps {
  meetings: Pick<SocketMeetings, 'setLanguages' | 'setState'>
  captions: Captions
  texts: Pick<EventTexts, 'complete'>
  audio: Pick<Audio, 'start' | 'stop'>
  state: Pick<State, 'roomEvents' | 'presence'>
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

/** What one who waits in the lobby may send. */
const WHILE_WAITING: ReadonlySet<string> = new Set(['ping', 'language.set'])

/** What the server does on each type of client message. */
export function createMessages(deps: MessagesDeps): Messages {
  const { meetings, captions, texts, audio, state, speakers, log, now } = deps
  const { roomEvents, presence } = state

  async function handle(room: Room, connection: Connection, message: ClientMessage): Promise<void> {
    if (!connection.inside && !WHILE_WAITING.has(message.type)) throw new AppError('FORBIDDEN', 'Wait to be admitted.')
    switch (message.type) {
      case 'say':
        return say(room, connection, message)
      case 'audio.start':
        return audio.start(room, connection, message)
      case 'audio.stop':
        return audio.stop(connection)
      case 'language.set':
        return setLanguages(room, connection, message)
      case 'state.set':
        return setState(room, connection, message)
      case 'signal':
        return signal(room, connection, message)
      case 'resume':
        return resume({ roomEvents, texts }, connection, message.after_seq)
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
        const utterance = { roomId: room.record.id, speaker, text, id, final, revision, floor: room.seq }
        const told = await captions.say(utterance)
        if (told) fail(connection, told, message)
      } catch (error) {
        fail(connection, error, message)
      }
    })
    if (!queued) throw new AppError('RATE_LIMIT_EXCEEDED', 'Too many captions wait to be translated.')
  }

  async function setLanguages(room: Room, connection: Connection, message: LanguageSet): Promise<void> {
    const { type: _, ...languages } = message
    if (Object.keys(languages).length === 0) return
    const record = await meetings.setLanguages(room.record, connection.participant, languages)
    adopt(connection, record)
    // Not part of what a room is told of a participant.
    for (const other of room.connections)
      if (other.participant.id === record.id)
        other.participant = { ...other.participant, spoken_output: record.spoken_output }
  }

  async function setState(room: Room, connection: Connection, message: StateSet): Promise<void> {
    const { type: _, ...changes } = message
    adopt(connection, await meetings.setState(room.record, connection.participant, changes))
  }

  /** Hands a word on to every socket of one other participant who is inside, on whichever process. */
  async function signal(room: Room, connection: Connection, message: Signal): Promise<void> {
    const { to, kind, payload } = message
    const from = connection.participant.id
    const { id } = room.record
    if (to === from || !(await presence.list(id)).includes(to))
      throw new AppError('NOT_FOUND', 'No such participant is in the room.')
    await roomEvents.send(id, { type: 'signal', from, kind, payload, to: { participants: [to] } })
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

/** Takes over what was written; being let in is not decided here. */
function adopt(connection: Connection, record: Connection['participant']): void {
  connection.participant = { ...record, status: connection.participant.status }
}
