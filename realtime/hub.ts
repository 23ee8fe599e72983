import type { WebSocket } from 'ws'
import { AppError } from '../errors.ts'
import type { Captions } from '../services/captions.ts'
import { placesFor } from '../services/meetings/capacity.ts'
import { subjectOf } from '../services/principal.ts'
import type { Revocation } from '../state/revocations.ts'
import type { State } from '../state/state.ts'
import { createChains } from './chains.ts'
import { createCodec } from './codec.ts'
import { type Connection, createConnection } from './connection.ts'
import type { AnyEvent } from './frames.ts'
import { CLOSE, MAX_WAITING_CAPTIONS, TIMINGS, type Timings } from './limits.ts'
import { createMessages } from './messages.ts'
import type { Admission, SocketLog, SocketMeetings } from './ports.ts'
import { openRoom, type Room } from './room.ts'
import { createRooms } from './rooms.ts'

/** What `room.ended` has time for before the end of a guest's token closes the socket without it. */
const ROOM_ENDED_GRACE_MS = 500

export interface HubDeps {
  state: Pick<State, 'roomEvents' | 'presence' | 'socketLeases' | 'revocations' | 'onRecovered'>
  meetings: SocketMeetings
  captions: Captions
  /** What `welcome` says of the languages. */
  languages: () => unknown
  log: SocketLog
  now?: () => Date
  timings?: Partial<Timings>
}

export interface Hub {
  /** Takes over an upgraded socket of an admitted caller. Synchronous up to the message listener, so that no frame is lost. */
  connect(ws: WebSocket, admission: Admission): void
  /** True once `close` was called: no new sockets. */
  readonly closing: boolean
  /** Closes every socket with 1001 and gives back what they hold. Resolves when that is done. */
  close(): Promise<void>
}

/** The sockets of one process: rooms, heartbeat, and the ends of tokens. */
export function createHub(deps: HubDeps): Hub {
  const { state, meetings, captions, languages, log, now = () => new Date() } = deps
  const timings = { ...TIMINGS, ...deps.timings }
  const codec = createCodec()
  const speakers = createChains(MAX_WAITING_CAPTIONS)
  const messages = createMessages({ meetings, captions, roomEvents: state.roomEvents, speakers, log, now })
  const connections = new Set<Connection>()
  const leaving = new Set<Promise<void>>()
  const rooms = createRooms((record) =>
    openRoom({
      record,
      roomEvents: state.roomEvents,
      onEvent,
      onError: (err) => log.warn({ err, room_id: record.id }, 'missed events of a room could not be fetched'),
    }),
  )
  let closing = false
  const ticker = setInterval(tick, timings.tickMs)
  const heartbeat = setInterval(beat, timings.heartbeatMs)
  ticker.unref()
  heartbeat.unref()
  state.revocations.onRevoked(onRevoked)
  state.onRecovered(onRecovered)

  function connect(ws: WebSocket, admission: Admission): void {
    const onError: Parameters<typeof createConnection>[0]['onError'] = (error, message) =>
      messages.fail(connection, error, message)
    const connection = createConnection({ ws, admission, codec, timings, onError })
    connections.add(connection)
    const { principal, connectionId } = admission
    const expire = () => connection.close(CLOSE.tokenEnded, 'the token has expired')
    const expiry = setTimeout(expire, Math.max(principal.expiresAt - Date.now(), 0)).unref()
    const opened = open(connection)
    ws.once('close', (code: number) => {
      clearTimeout(expiry)
      connections.delete(connection)
      const subject = subjectOf(principal)
      const user_id = principal.kind === 'user' ? principal.userId : null
      log.info({ event: 'socket.closed', code, user_id, subject, connection_id: connectionId }, 'socket closed')
      track(opened.then((room) => room && leave(room, connection)))
    })
    if (closing) connection.close(CLOSE.restart, 'restart: reconnect and resume')
    // It may have been revoked between the check before the upgrade and the listener here.
    else if (state.revocations.isRevokedLocally(principal.sessionId)) {
      connection.close(CLOSE.tokenEnded, 'the token has been revoked')
    }
  }

  /** Joins the room's stream, then says what is there; resolves to the room, or null when the socket could not be served. */
  async function open(connection: Connection): Promise<Room | null> {
    const { room: record, participant } = connection.admission
    let held: Room | null = null
    try {
      const room = await rooms.hold(record)
      held = room
      // From here on nothing is missed: events up to `seq` are in the lists below, later ones are held until `welcome` is sent.
      const { seq } = room
      connection.outbox.low = seq
      connection.outbox.high = seq
      connection.outbox.hold()
      room.add(connection)
      const present = await meetings.present(record.id)
      const self = present.find(({ id }) => id === participant.id)
      if (self) connection.participant = self
      connection.outbox.send({
        type: 'welcome',
        participant: meetings.toParticipant(connection.participant),
        participants: present.map(meetings.toParticipant),
        room: meetings.toRoom(record),
        seq,
        languages: languages(),
        at: now().toISOString(),
      })
      // Frames that came early are acted on before the held events go out: an early `resume` replays in front of them.
      connection.start((message) => messages.handle(room, connection, message))
      connection.outbox.release()
      return room
    } catch (err) {
      log.warn({ err, connection_id: connection.admission.connectionId }, 'a socket could not be served')
      connection.close(CLOSE.unavailable, 'a dependency is down: retry')
      return held
    }
  }

  function leave(room: Room, connection: Connection): void {
    room.remove(connection)
    rooms.release(room)
  }

  function onEvent(room: Room, event: AnyEvent): void {
    if (event.type === 'room.ended') {
      for (const connection of room.connections) connection.close(CLOSE.roomEnded, 'the room has ended')
    } else if (event.type === 'participant.left') {
      const own = ofParticipant(room, event)
      if (own.length > 0) track(stillThere(room, own))
    } else if (event.type === 'participant.updated') {
      for (const connection of ofParticipant(room, event)) update(connection, event)
    }
  }

  /** A participant is said to be gone but has sockets here: it left elsewhere, or its leases were lost or its sockets crossed. */
  async function stillThere(room: Room, own: readonly Connection[]): Promise<void> {
    const [first] = own
    if (!first) return
    const closeAll = (code: number, reason: string) => {
      for (const connection of own) connection.close(code, reason)
    }
    try {
      const { principal, room: record } = first.admission
      const { room: now, participant } = await meetings.participation(principal, record.room_code)
      for (const connection of own) {
        if (connection.closing) continue
        const { connectionId } = connection.admission
        const entry = await state.presence.enter(now.id, participant.id, connectionId, placesFor(now, participant.role))
        if (entry === 'full') return closeAll(CLOSE.overloaded, 'the room is full')
      }
      if (own.every(({ closing }) => closing)) return
      await state.presence.setListening(now.id, participant.id, participant.listening_language)
      const joined = { type: 'participant.joined', participant: meetings.toParticipant(participant) }
      await state.roomEvents.append(now.id, joined, room.seq)
    } catch (error) {
      const code = error instanceof AppError ? error.code : null
      if (code === 'ROOM_ENDED') closeAll(CLOSE.roomEnded, 'the room has ended')
      else if (code === 'FORBIDDEN' || code === 'NOT_FOUND') closeAll(CLOSE.left, 'left')
      else closeAll(CLOSE.unavailable, 'a dependency is down: retry')
    }
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
    track(renew())
    for (const room of rooms.list()) track(recover(room))
  }

  /** Redis is back, perhaps without what it knew: presence, languages and numbers are told again, then what was missed is fetched. */
  async function recover(room: Room): Promise<void> {
    const { id } = room.record
    await renewPresence(room)
    for (const { participant } of room.connections) {
      await state.presence.setListening(id, participant.id, participant.listening_language)
    }
    const [any] = room.connections
    if (any && (await state.roomEvents.lastSeq(id)) < room.seq) {
      // The numbers go on from the last that was seen here: an event that changes nothing carries them.
      const participant = meetings.toParticipant(any.participant)
      await state.roomEvents.append(id, { type: 'participant.updated', participant }, room.seq)
    }
    await room.catchUp()
  }

  function tick(): void {
    const at = Date.now()
    for (const connection of connections) connection.ping(at)
  }

  function beat(): void {
    track(renew())
    for (const room of rooms.list()) track(meetings.sweep(room.record.id))
  }

  /** Renews every lease of this process in bulk. */
  async function renew(): Promise<void> {
    const leases = [...connections]
      .filter(({ closing }) => !closing)
      .map(({ admission: { principal, connectionId } }) => {
        return { subject: subjectOf(principal), connectionId }
      })
    if (leases.length > 0) await state.socketLeases.renew(leases)
    for (const room of rooms.list()) await renewPresence(room)
  }

  function renewPresence(room: Room): Promise<void> {
    const leases = [...room.connections]
      .filter(({ closing }) => !closing)
      .map(({ admission: { participant, connectionId } }) => ({ participantId: participant.id, connectionId }))
    return state.presence.renew(room.record.id, leases)
  }

  /** Work beside the sockets: waited for at the end, and a failure of it is logged and goes no further. */
  function track(work: Promise<unknown>): void {
    const done: Promise<void> = work
      .then(() => {})
      .catch((err: unknown) => log.warn({ err }, 'socket upkeep failed'))
      .finally(() => leaving.delete(done))
    leaving.add(done)
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
      await speakers.idle()
      while (leaving.size > 0) await Promise.all(leaving)
    },
  }
}

function ofParticipant(room: Room, event: AnyEvent): Connection[] {
  const { id } = event.participant as { id: string }
  return [...room.connections].filter(({ participant }) => participant.id === id)
}

function update(connection: Connection, event: AnyEvent): void {
  const { speaking_language, listening_language, display_name } = event.participant as Connection['participant']
  connection.participant = { ...connection.participant, speaking_language, listening_language, display_name }
}
