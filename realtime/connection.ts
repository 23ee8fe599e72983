import type { WebSocket } from 'ws'
import type { ErrorCode } from '../errors.ts'
import type { ParticipantRecord } from '../repositories/participants.ts'
import { baseLanguage } from '../services/translation.ts'
import { errorFrame } from './codec.ts'
import type { Reader } from './frames.ts'
import { createInbox, type Inbox, type InboxDeps } from './inbox.ts'
import { CLOSE, type Timings } from './limits.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import { createPlayer, type Player } from './player.ts'
import type { Admission } from './ports.ts'
import type { Room } from './room.ts'

/** One socket of one participant. */
export interface Connection extends Reader {
  readonly admission: Admission
  /** The participant as it stands now. */
  participant: ParticipantRecord
  /** False while its participant waits in the lobby: then it gets nothing of the room. */
  readonly inside: boolean
  readonly outbox: Outbox
  readonly player: Player
  readonly closing: boolean
  error(code: ErrorCode, message: string, ref?: string): void
  /** Begins to act on messages, in order; those that came before are first. */
  start(room: Room): void
  /** Closes, with a code and a reason the client may read; the second call does nothing. */
  close(code: number, reason: string): void
  /** Pings when it is due, and closes 4408 what has not answered for too long. */
  ping(now: number): void
}

/** True for those who rule a room. */
export function isHost({ role }: Pick<ParticipantRecord, 'role'>): boolean {
  return role === 'host' || role === 'co_host'
}

export interface ConnectionDeps {
  ws: WebSocket
  admission: Admission
  participant: ParticipantRecord
  timings: Pick<Timings, 'closeMs' | 'deadMs' | 'pingMs'>
  inbox: InboxDeps
  /** Called when the socket is gone. */
  onClosed(connection: Connection, code: number): void
  /** Called when the socket breaks, as by a frame that is none; then it is cut. */
  onFailed(connection: Connection, error: Error): void
}

/** Wraps a socket. Listens at once, so that no early frame is lost; acts on frames from `start` on. */
export const createConnection = (deps: ConnectionDeps): Connection => new SocketConnection(deps)

/**
 * A class, since there are many thousand idle ones: its methods are there once, and what plays sound when there is some. What is asked
 * of each with every event are fields: they are set when the participant is.
 */
class SocketConnection implements Connection {
  readonly admission: Admission
  readonly outbox: Outbox
  readonly participantId: string
  inside = false
  isHost = false
  listening = ''
  closing = false
  #participant: ParticipantRecord
  readonly #ws: WebSocket
  readonly #timings: ConnectionDeps['timings']
  readonly #inbox: Inbox
  #player: Player | null = null
  #lastPing = Date.now()
  #lastPong = this.#lastPing

  constructor({ ws, admission, participant, timings, inbox, onClosed, onFailed }: ConnectionDeps) {
    this.admission = admission
    this.participantId = admission.participantId
    this.#participant = participant
    this.participant = participant
    this.#ws = ws
    this.#timings = timings
    this.#inbox = createInbox(this, inbox)
    this.outbox = createOutbox(ws, this)
    ws.on('message', (data, isBinary) => {
      if (!this.closing) this.#inbox.receive(data, isBinary)
    })
    ws.on('pong', () => {
      this.#lastPong = Date.now()
    })
    ws.on('error', (error) => {
      onFailed(this, error)
      this.#ws.terminate()
    })
    ws.on('close', (code) => {
      this.closing = true
      this.#inbox.clear()
      onClosed(this, code)
    })
  }

  get participant(): ParticipantRecord {
    return this.#participant
  }

  set participant(record: ParticipantRecord) {
    this.#participant = record
    this.inside = record.status !== 'waiting'
    this.isHost = isHost(record)
    this.listening = record.listening_language
  }

  get player(): Player {
    this.#player ??= createPlayer({
      send: (header, pcm) => this.outbox.sound(header, pcm),
      wants: (language) => {
        const { spoken_output, listening_language } = this.participant
        return this.inside && spoken_output && baseLanguage(listening_language) === language
      },
    })
    return this.#player
  }

  error(code: ErrorCode, message: string, ref?: string): void {
    this.outbox.send(errorFrame(code, message, ref))
  }

  start(room: Room): void {
    this.#inbox.start(room)
  }

  close(code: number, reason: string): void {
    if (this.closing) return
    this.closing = true
    this.#inbox.clear()
    this.#ws.close(code, reason)
    // A peer that is gone or does not read never ends the handshake.
    setTimeout(() => this.#ws.terminate(), this.#timings.closeMs).unref()
  }

  ping(now: number): void {
    if (this.closing) return
    if (now - this.#lastPong >= this.#timings.deadMs) {
      this.close(CLOSE.noPong, 'no pong')
    } else if (now - this.#lastPing >= this.#timings.pingMs) {
      this.#lastPing = now
      this.#ws.ping()
    }
  }
}
