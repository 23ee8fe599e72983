import type { WebSocket } from 'ws'
import type { ErrorCode } from '../errors.ts'
import type { ParticipantRecord } from '../repositories/participants.ts'
import type { ClientMessage } from '../schemas/meeting-socket.ts'
import { baseLanguage } from '../services/translation.ts'
import { type Codec, errorFrame } from './codec.ts'
import { type AudioHandler, createInbox, type Handler } from './inbox.ts'
import { CLOSE, type Timings } from './limits.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import { createPlayer, type Player } from './player.ts'
import type { Admission } from './ports.ts'

/** One socket of one participant. */
export interface Connection {
  readonly admission: Admission
  /** The participant as it stands now. */
  participant: ParticipantRecord
  /** False while its participant waits in the lobby: then it gets nothing of the room. */
  readonly inside: boolean
  readonly isHost: boolean
  readonly outbox: Outbox
  readonly player: Player
  readonly closing: boolean
  error(code: ErrorCode, message: string, ref?: string): void
  /** Begins to act on messages, in order; those that came before are first. */
  start(handler: Handler, audio: AudioHandler): void
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
  codec: Codec
  timings: Pick<Timings, 'closeMs' | 'deadMs' | 'pingMs'>
  /** Called when a handler threw. */
  onError(error: unknown, message: ClientMessage): void
}

/** Wraps a socket. Listens at once, so that no early frame is lost; acts on frames from `start` on. */
export function createConnection({ ws, admission, codec, timings, onError }: ConnectionDeps): Connection {
  let closing = false
  let lastPing = Date.now()
  let lastPong = lastPing

  function close(code: number, reason: string): void {
    if (closing) return
    closing = true
    inbox.clear()
    ws.close(code, reason)
    // A peer that is gone or does not read never ends the handshake.
    setTimeout(() => ws.terminate(), timings.closeMs).unref()
  }

  const error = (code: ErrorCode, message: string, ref?: string) => outbox.send(errorFrame(code, message, ref))
  const inbox = createInbox({ codec, error, close, onError })
  const outbox = createOutbox({
    ws,
    close,
    reader: {
      participantId: admission.participant.id,
      get listening() {
        return connection.participant.listening_language
      },
      get isHost() {
        return connection.isHost
      },
    },
  })
  const player = createPlayer({
    send: outbox.sound,
    wants: (language) => {
      const { spoken_output, listening_language } = connection.participant
      return connection.inside && spoken_output && baseLanguage(listening_language) === language
    },
  })
  const connection: Connection = {
    admission,
    outbox,
    player,
    get closing() {
      return closing
    },
    participant: admission.participant,
    get inside() {
      return connection.participant.status !== 'waiting'
    },
    get isHost() {
      return isHost(connection.participant)
    },
    error,
    start: inbox.start,
    close,
    ping(now) {
      if (closing) return
      if (now - lastPong >= timings.deadMs) {
        close(CLOSE.noPong, 'no pong')
      } else if (now - lastPing >= timings.pingMs) {
        lastPing = now
        ws.ping()
      }
    },
  }

  ws.on('message', (data, isBinary) => {
    if (!closing) inbox.receive(data, isBinary)
  })
  ws.on('pong', () => {
    lastPong = Date.now()
  })
  ws.on('close', () => {
    closing = true
    inbox.clear()
  })

  return connection
}
