import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { RoomRecord } from '../repositories/rooms.ts'
import type { ApiKeys } from '../services/api-keys.ts'
import type { Captions } from '../services/captions.ts'
import type { MeetingAllowance } from '../services/meeting-allowance.ts'
import type { Polls } from '../services/polls.ts'
import { subjectOf, userIdOf } from '../services/principal.ts'
import type { SpeechIn } from '../services/speech-in.ts'
import type { SpeechOut } from '../services/speech-out.ts'
import { NO_TRACING, type Tracing } from '../services/tracing.ts'
import type { Revocation } from '../state/revocations.ts'
import { type State, StateUnavailableError } from '../state/state.ts'
import { createAudio } from './audio.ts'
import { createBackground } from './background.ts'
import { createChains } from './chains.ts'
import { createCodec } from './codec.ts'
import type { Connection } from './connection.ts'
import { createConnections } from './connections.ts'
import { CLOSE, LAST_WORDS_MS, MAX_WAITING_CAPTIONS, TIMINGS, type Timings } from './limits.ts'
import type { ListenedLanguages } from './listened-languages.ts'
import { createLobby } from './lobby.ts'
import { createMessages } from './messages.ts'
import type { SocketMetrics } from './metrics.ts'
import { createPollUpdates } from './polls.ts'
import type { Admission, Admitted, SocketLog, SocketMeetings } from './ports.ts'
import { createReactions } from './reactions.ts'
import { openRoom, type Room, type RoomDeps } from './room.ts'
import { createRooms } from './rooms.ts'
import { createSpeaking } from './speaking.ts'
import { createEventTexts } from './texts.ts'
import { createTokenEnds } from './token-ends.ts'
import { traceMessages } from './tracing.ts'
import { createUpkeep } from './upkeep.ts'
import { createWelcome } from './welcome.ts'

/** What `room.ended` has time for before the end of a guest's token closes the socket without it. */
const ROOM_ENDED_GRACE_MS = 500

export interface HubDeps {
  state: Pick<State, 'roomEvents' | 'presence' | 'socketLeases' | 'revocations' | 'onRecovered'>
  meetings: SocketMeetings
  captions: Captions
  listened: Pick<ListenedLanguages, 'forget'>
  polls: Pick<Polls, 'texts' | 'standing'>
  speechIn: SpeechIn
  speechOut: SpeechOut
  meetingAllowance: Pick<MeetingAllowance, 'charge'>
  apiKeys: Pick<ApiKeys, 'ends'>
  /** What `welcome` says of the languages. */
  languages: () => unknown
  /** Called when a socket is gone: from `connect` on, what it was admitted with is given back by this. */
  onGone(admission: Admission): void
  log: SocketLog
  metrics?: SocketMetrics
  tracing?: Tracing
  now?: () => Date
  timings?: Partial<Timings>
}

export interface Hub {
  /**
   * Takes over an upgraded socket of an admitted caller, with the connection under it. Synchronous up to the message listener, so that no
   * frame is lost.
   */
  connect(ws: WebSocket, raw: Duplex, admitted: Admitted): void
  /** True once `close` was called: no new sockets. */
  readonly closing: boolean
  /** Closes every socket with 1001 and gives back what they hold. Resolves when that is done. */
  close(): Promise<void>
}

/** The sockets of one process: rooms, heartbeat, and the ends of tokens. */
export function createHub(deps: HubDeps): Hub {
  const { state, meetings, captions, listened, polls, speechIn, speechOut, meetingAllowance, languages } = deps
  const { onGone, log } = deps
  const { now = () => new Date(), metrics, tracing = NO_TRACING } = deps
  const timings = { ...TIMINGS, ...deps.timings }
  const speakers = createChains(MAX_WAITING_CAPTIONS)
  const background = createBackground(log)
  const { track } = background
  const audio = createAudio({ speechIn, captions, speakers, background, log })
  const texts = createEventTexts({ captions, polls: polls.texts })
  const messages = createMessages({ meetings, captions, texts, audio, state, speakers, log, now })
  const inbox = { codec: createCodec(), handle: traceMessages(messages, tracing), fail: messages.fail, audio }
  const connections = createConnections({ timings, inbox, onClosed, onFailed })
  const tokenEnds = createTokenEnds({ endsOf: deps.apiKeys.ends, connections })
  const roomDeps: RoomDeps = {
    roomEvents: state.roomEvents,
    texts,
    tracing,
    onArrived(room, event) {
      if (event.type.startsWith('participant.')) listened.forget(room.record.id)
      reactions.onArrived(room, event)
      updates.onArrived(room, event)
    },
    onDelivered(room, event) {
      reactions.onDelivered(room, event)
      speaking.speak(room, event)
    },
    onError: ({ record }, err) => log.warn({ err, room_id: record.id }, 'missed events of a room could not be fetched'),
  }
  const rooms = createRooms((record) => openRoom(record, roomDeps))
  const speaking = createSpeaking({ speechOut, meetingAllowance })
  const welcome = createWelcome({ meetings, languages, now })
  const lobby = createLobby({ meetings, welcome, now })
  const upkeep = createUpkeep({ state, meetings, connections, rooms: rooms.list })
  const updates = createPollUpdates({
    polls,
    onError: (err) => log.warn({ err }, 'the result of a poll could not be shown'),
  })
  const reactions = createReactions({ lobby, upkeep, background })
  let closing = false
  let sweeping = false
  const ticker = setInterval(tick, timings.tickMs)
  const heartbeat = setInterval(beat, timings.heartbeatMs)
  ticker.unref()
  heartbeat.unref()
  state.revocations.onRevoked(onRevoked)
  state.onRecovered(onRecovered)

  metrics?.watch(() => {
    let inside = 0
    for (const connection of connections) if (connection.inside) inside++
    return { inside, waiting: connections.size - inside, rooms: rooms.list().length }
  })

  function connect(ws: WebSocket, raw: Duplex, { admission, room, participant }: Admitted): void {
    const connection = connections.add(ws, raw, { admission, participant })
    tokenEnds.watch(connection)
    track(open(connection, room))
    if (closing) connection.close(CLOSE.restart, 'restart: reconnect and resume')
    // It may have been revoked between the check before the upgrade and the listener here.
    else if (state.revocations.isRevokedLocally(admission.principal.sessionId)) {
      connection.close(CLOSE.tokenEnded, 'the token has been revoked')
    }
  }

  function onClosed(connection: Connection, code: number): void {
    onGone(connection.admission)
    metrics?.closed(code)
    const { principal, connectionId } = connection.admission
    const subject = subjectOf(principal)
    const user_id = userIdOf(principal)
    log.info({ event: 'socket.closed', code, user_id, subject, connection_id: connectionId }, 'socket closed')
    if (connection.room) leave(connection.room, connection)
  }

  function onFailed({ admission: { connectionId } }: Connection, err: Error): void {
    log.error({ err, connection_id: connectionId }, 'a meeting socket failed')
  }

  /** Joins the room's stream, then says what is there. */
  async function open(connection: Connection, record: RoomRecord): Promise<void> {
    try {
      const room = await rooms.hold(record)
      if (connection.gone) return rooms.release(room)
      connection.room = room
      if (connection.inside) {
        // It may have been removed before this process listened.
        if (!(await welcome.inside(room, connection))) track(upkeep.stillThere(room, [connection]))
        // Frames that came early are acted on before the held events go out: an early `resume` replays in front of them.
        connection.start()
        connection.outbox.release()
      } else {
        room.add(connection)
        welcome.outside(room, connection)
        connection.start()
        // It may have been decided on before this process listened.
        track(lobby.look(room, connection))
      }
    } catch (err) {
      log.warn({ err, connection_id: connection.admission.connectionId }, 'a socket could not be served')
      connection.close(CLOSE.unavailable, 'a dependency is down: retry')
    }
  }

  function leave(room: Room, connection: Connection): void {
    room.remove(connection)
    rooms.release(room)
    // What was said before is still written down.
    audio.stop(connection)
  }

  function onRevoked({ sessionId, reason }: Revocation): void {
    for (const connection of connections) {
      if (connection.admission.principal.sessionId !== sessionId) continue
      if (reason === 'left') connection.close(CLOSE.left, 'left')
      else if (reason === 'kicked') connection.close(CLOSE.forbidden, 'removed from the room')
      else if (reason === 'room_ended') {
        setTimeout(() => connection.close(CLOSE.roomEnded, 'the room has ended'), ROOM_ENDED_GRACE_MS).unref()
      } else connection.close(CLOSE.tokenEnded, 'the token has been revoked')
    }
  }

  function onRecovered(): void {
    track(upkeep.renew())
    track(recover())
  }

  /** One room after the other: what comes back is not asked for everything at once, or it would be gone again. */
  async function recover(): Promise<void> {
    for (const room of rooms.list()) {
      try {
        await upkeep.recover(room)
        await lobby.check(room)
      } catch (err) {
        log.warn({ err, room_id: room.record.id }, 'a room was not recovered')
        // It is gone again: this begins anew when it is back.
        if (err instanceof StateUnavailableError) return
      }
    }
  }

  function tick(): void {
    const at = Date.now()
    for (const connection of connections) connection.ping(at)
  }

  function beat(): void {
    track(upkeep.renew())
    track(tokenEnds.refresh())
    if (sweeping) return
    sweeping = true
    track(sweep().finally(() => (sweeping = false)))
  }

  /** One room after the other, and never two rounds at once: a slow database is not asked for more. */
  async function sweep(): Promise<void> {
    for (const room of rooms.list()) {
      for (const task of [upkeep.sweep, lobby.check]) {
        await task(room).catch((err: unknown) => log.warn({ err, room_id: room.record.id }, 'a room was not swept'))
      }
    }
  }

  return {
    connect,
    get closing() {
      return closing
    },
    async close() {
      closing = true
      clearInterval(ticker)
      clearInterval(heartbeat)
      for (const connection of connections) connection.close(CLOSE.restart, 'restart: reconnect and resume')
      const deadline = Date.now() + timings.closeMs + 1000
      while (connections.size > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10))
      const lastWords = setTimeout(audio.abort, LAST_WORDS_MS)
      await background.idle()
      clearTimeout(lastWords)
      await speakers.idle()
    },
  }
}
