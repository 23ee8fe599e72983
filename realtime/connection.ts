import type { Duplex } from 'node:stream'
import type { RawData, WebSocket } from 'ws'
import type { ErrorCode } from '../errors.ts'
import type { ParticipantRecord } from '../repositories/participants.ts'
import { userIdOf } from '../services/principal.ts'
import { baseLanguage } from '../services/translation.ts'
import { errorFrame } from './codec.ts'
import type { Reader } from './frames.ts'
import { createInbox, type Inbox, type InboxDeps } from './inbox.ts'
import { CLOSE, type Timings } from './limits.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import { createPlayer, type Player } from './player.ts'
import type { Admission, Admitted } from './ports.ts'
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
  /** The room it holds, once that is open. */
  room: Room | null
  /** Whether messages are acted on. */
  readonly started: boolean
  /** When its token or key ends, as far as is known. */
  endsAt: number
  readonly closing: boolean
  /** True once its socket is closed. */
  readonly gone: boolean
  error(code: ErrorCode, message: string, ref?: string): void
  /** Begins to act on messages, in order; those that came before are first. */
  start(): void
  /** Closes, with a code and a reason the client may read; the second call does nothing. */
  close(code: number, reason: string): void
  /** Pings when it is due, and closes 4408 what has not answered for too long. */
  ping(now: number): void
}

/** True for those who rule a room. */
export function isHost({ role }: Pick<ParticipantRecord, 'role'>): boolean {
  return role === 'host' || role === 'co_host'
}

/** What all connections have in common. */
export interface ConnectionDeps {
  timings: Pick<Timings, 'closeMs' | 'deadMs' | 'pingMs'>
  inbox: InboxDeps
}

/**
 * A class, since there are many thousand idle ones: its methods are there once, and what reads messages and what plays sound when there
 * are any. What is asked of each with every event are fields: they are set when the participant is.
 */
export class SocketConnection implements Connection {
  readonly admission: Admission
  readonly outbox: Outbox
  readonly participantId: string
  inside = false
  isHost = false
  listening = ''
  room: Room | null = null
  started = false
  endsAt: number
  closing = false
  gone = false
  #participant: ParticipantRecord
  readonly #ws: WebSocket
  readonly #deps: ConnectionDeps
  #inbox: Inbox | null = null
  #player: Player | null = null
  #lastPing = Date.now()
  #lastPong = this.#lastPing

  constructor(ws: WebSocket, raw: Duplex, { admission, participant }: Omit<Admitted, 'room'>, deps: ConnectionDeps) {
    this.admission = admission
    this.participantId = admission.participantId
    this.endsAt = admission.principal.expiresAt
    this.#participant = participant
    this.participant = participant
    this.#ws = ws
    this.#deps = deps
    this.outbox = createOutbox(ws, raw, this)
  }

  get participant(): ParticipantRecord {
    return this.#participant
  }

  set participant(record: ParticipantRecord) {
    const { participantId: id, roomId: room_id, principal } = this.admission
    // The same ids, held once: each row comes with copies of its own.
    const user_id = record.user_id === userIdOf(principal) ? userIdOf(principal) : record.user_id
    this.#participant = { ...record, id, room_id, user_id }
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

  receive(data: RawData, isBinary: boolean): void {
    if (this.closing) return
    this.#inbox ??= createInbox(this, this.#deps.inbox)
    this.#inbox.receive(data, isBinary)
  }

  /** A pong came. */
  answered(): void {
    this.#lastPong = Date.now()
  }

  /** The socket is closed. */
  end(): void {
    this.closing = true
    this.gone = true
    this.#inbox?.clear()
  }

  error(code: ErrorCode, message: string, ref?: string): void {
    this.outbox.send(errorFrame(code, message, ref))
  }

  start(): void {
    this.started = true
    this.#inbox?.start()
  }

  close(code: number, reason: string): void {
    if (this.closing) return
    this.closing = true
    this.#inbox?.clear()
    this.#ws.close(code, reason)
    // A peer that is gone or does not read never ends the handshake.
    setTimeout(() => this.#ws.terminate(), this.#deps.timings.closeMs).unref()
  }

  ping(now: number): void {
    if (this.closing) return
    if (now - this.#lastPong >= this.#deps.timings.deadMs) {
      this.close(CLOSE.noPong, 'no pong')
    } else if (now - this.#lastPing >= this.#deps.timings.pingMs) {
      this.#lastPing = now
      this.#ws.ping()
    }
  }
}
