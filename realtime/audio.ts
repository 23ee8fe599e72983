import { AppError } from '../errors.ts'
import { DatabaseUnavailableError } from '../repositories/database.ts'
import type { AudioStart } from '../schemas/meeting-socket.ts'
import type { Captions } from '../services/captions.ts'
import type { HeardCaption, Listening, SpeechIn } from '../services/speech-in.ts'
import { StateUnavailableError } from '../state/state.ts'
import type { Background } from './background.ts'
import type { Chains } from './chains.ts'
import type { Connection } from './connection.ts'
import { createWindow, MAX_AUDIO_AHEAD_S, type Window } from './limits.ts'
import { createPace, type Pace } from './pace.ts'
import { samplesOf } from './pcm.ts'
import type { SocketLog } from './ports.ts'
import type { Room } from './room.ts'

export interface AudioDeps {
  speechIn: SpeechIn
  captions: Pick<Captions, 'say'>
  /** The chains that what people type goes through too. */
  speakers: Chains
  background: Pick<Background, 'track'>
  log: Pick<SocketLog, 'error'>
}

/** What people say aloud into their sockets. */
export interface Audio {
  /** Throws CONFLICT while audio is on, UNPROCESSABLE for a language that nothing recognises. */
  start(room: Room, connection: Connection, message: AudioStart): void
  /** What was said before is still recognised. Without effect while no audio is on. */
  stop(connection: Connection): void
  /** Whether sound of the connection is expected: otherwise a frame of it counts as bad. */
  expects(connection: Connection): boolean
  /** Takes samples, two bytes each; at least one. */
  hear(connection: Connection, samples: Buffer): void
  /** Drops what still waits to be recognised. */
  abort(): void
}

const REF = 'audio.start'

export function createAudio({ speechIn, captions, speakers, background: { track }, log }: AudioDeps): Audio {
  const listenings = new Map<Connection, Listening>()
  /** Those that asked to speak, whatever came of it: frames that were on their way are no mistake. */
  const asked = new WeakMap<Connection, { pace: Pace; tellings: Window }>()
  const aborting = new AbortController()

  /** Goes the way of what is typed. Of interims one waits at a time: a better one follows. */
  function sender(room: Room, connection: Connection): (caption: HeardCaption) => Promise<void> {
    const key = `${room.record.id}:${connection.participant.id}`
    let isInterimWaiting = false
    return ({ id, revision, final, text, language }) => {
      if (!final && isInterimWaiting) return Promise.resolve()
      const { promise, resolve } = Promise.withResolvers<void>()
      const queued = speakers.push(key, async () => {
        if (!final) isInterimWaiting = false
        try {
          const { participant: speaker } = connection
          const floor = room.seq
          const told = await captions.say({
            roomId: room.record.id,
            speaker,
            text,
            id,
            final,
            revision,
            language,
            floor,
          })
          if (told) connection.error(told.code, told.message, REF)
        } catch (error) {
          if (final) fail(connection, error)
        } finally {
          resolve()
        }
      })
      if (queued) isInterimWaiting ||= !final
      else {
        if (final) connection.error('RATE_LIMIT_EXCEEDED', 'Too many captions wait to be translated.', REF)
        resolve()
      }
      return promise
    }
  }

  function fail(connection: Connection, error: unknown): void {
    const isDown = error instanceof StateUnavailableError || error instanceof DatabaseUnavailableError
    if (!isDown && !(error instanceof AppError)) log.error({ err: error, type: REF }, 'spoken words failed')
    const shown = error instanceof AppError ? error : new AppError(isDown ? 'SERVICE_UNAVAILABLE' : 'INTERNAL_ERROR')
    connection.error(shown.code, shown.message, REF)
  }

  return {
    start(room, connection, { language }) {
      if (listenings.has(connection)) throw new AppError('CONFLICT', 'Audio is on: stop it first.')
      if (!asked.has(connection))
        asked.set(connection, { pace: createPace(MAX_AUDIO_AHEAD_S), tellings: createWindow(1, 1000) })
      const listening = speechIn.listen({
        roomId: room.record.id,
        speaker: connection.participant,
        language: () => language ?? connection.participant.speaking_language,
        send: sender(room, connection),
        fail: (error) => connection.error(error.code, error.message, REF),
        signal: aborting.signal,
      })
      listenings.set(connection, listening)
    },

    stop(connection) {
      const listening = listenings.get(connection)
      listenings.delete(connection)
      if (listening) track(listening.finish())
    },

    expects: (connection) => asked.has(connection),

    hear(connection, bytes) {
      const [listening, limits] = [listenings.get(connection), asked.get(connection)]
      if (!listening || !limits) return
      if (connection.participant.muted) return listening.pause()
      const samples = samplesOf(bytes)
      if (limits.pace.take(samples.length / 16_000)) listening.push(samples)
      else if (limits.tellings.hit())
        connection.error('RATE_LIMIT_EXCEEDED', 'Audio comes faster than it is spoken.', REF)
    },

    abort: () => aborting.abort(),
  }
}
