import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { eq } from 'drizzle-orm'
import t, { type Test } from 'tap'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import { createHub } from '../../realtime/hub.ts'
import { createListenedLanguages } from '../../realtime/listened-languages.ts'
import { createInvitationsRepository } from '../../repositories/invitations.ts'
import { createMailJobsRepository } from '../../repositories/mail-jobs.ts'
import { createParticipantsRepository } from '../../repositories/participants.ts'
import { createRoomsRepository } from '../../repositories/rooms.ts'
import { participants, users } from '../../repositories/schema.ts'
import { createCaptions } from '../../services/captions.ts'
import { createMeetings } from '../../services/meetings.ts'
import { type Principal, subjectOf, type UserPrincipal } from '../../services/principal.ts'
import { createSpeech } from '../../services/speech.ts'
import { createSpeechIn } from '../../services/speech-in.ts'
import { createSpeechOut } from '../../services/speech-out.ts'
import { createTokens } from '../../services/tokens.ts'
import { createTranscription } from '../../services/transcription.ts'
import { createTranslation } from '../../services/translation.ts'
import { createMemoryState } from '../../state/memory/state.ts'
import type { RoomListener } from '../../state/room-events.ts'
import { migratedDatabase } from '../support/database.ts'
import { meetingParts } from '../support/meetings.ts'
import type { Frame } from '../support/socket-client.ts'

const log = { info: () => {}, warn: () => {}, error: () => {} }

/** A hub on memory state whose bus the test can cut, with short timings, behind a plain WebSocket server. */
async function openHub(t: Test, options: { now?: () => number; deadMs?: number } = {}) {
  const { deadMs = 60_000, ...clock } = options
  const { db } = await migratedDatabase(t)
  const memory = createMemoryState({ failures: { max: 5, windowMs: 900_000 }, ...clock })
  const bus = { cut: false, recover: () => {} }
  const subscribe = (roomId: string, listener: RoomListener) =>
    memory.roomEvents.subscribe(roomId, (event) => bus.cut || listener(event))
  const state = {
    ...memory,
    roomEvents: { ...memory.roomEvents, subscribe },
    onRecovered: (listener: () => void) => {
      bus.recover = listener
    },
  }
  const tokens = createTokens({ secretKey: 'k'.repeat(43), secretKeyPrevious: null, accessTokenTtlSeconds: 900 })
  const meetings = createMeetings({
    ...meetingParts(db),
    database: db,
    rooms: createRoomsRepository(db),
    participants: createParticipantsRepository(db),
    invitations: createInvitationsRepository(db),
    mailJobs: createMailJobsRepository(db),
    addressDigests: () => ['digest'],
    mailQueued: () => {},
    state,
    tokens,
    profileOf: async () => ({ full_name: 'Ana', speaking_language: 'en', listening_language: 'en' }),
    publicUrl: 'https://meet.example.org',
  })
  const translation = createTranslation({ translators: [], log })
  const meetingAllowance = { charge: async () => ({ allowed: true, tell: null }) }
  const listened = createListenedLanguages(state)
  const captions = createCaptions({
    ...{ presence: listened, roomEvents: state.roomEvents },
    ...{ translation, meetingAllowance, toParticipant: meetings.toParticipant },
  })
  const transcription = createTranscription({ transcribers: [], log })
  const speechOut = createSpeechOut({ speech: createSpeech({ synthesizers: [], log }) })
  const speechIn = createSpeechIn({ transcription, voiceActivity: null, meetingAllowance })
  const timings = { pingMs: 20, deadMs, tickMs: 10, heartbeatMs: 50, closeMs: 200 }
  /** When keys end; none is in the table at first. */
  const keyEnds = new Map<string, number>()
  const hub = createHub({
    state,
    meetings,
    captions,
    listened,
    polls: { texts: { lacked: () => [], complete: async (event) => event }, standing: async () => null },
    speechIn,
    speechOut,
    meetingAllowance,
    apiKeys: { ends: async () => keyEnds },
    languages: translation.languages,
    onGone: () => undefined,
    log,
    timings,
  })
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  t.teardown(async () => {
    await hub.close()
    server.close()
  })

  async function newUser(expiresInMs = 900_000): Promise<UserPrincipal> {
    const userId = randomUUID()
    const at = new Date()
    await db.insert(users).values({
      id: userId,
      email: `${userId}@example.org`,
      password_hash: 'x',
      full_name: 'Ana',
      speaking_language: 'en',
      listening_language: 'en',
      accepted_terms_at: at,
      created_at: at,
      updated_at: at,
    })
    return { kind: 'user', userId, sessionId: randomUUID(), jti: '', expiresAt: Date.now() + expiresInMs }
  }

  /** Joins the room and opens a socket, as an admitted caller does. */
  async function enter(principal: Principal, code: string, autoPong = true) {
    await meetings.join(principal, code, {})
    const { room, participant } = await meetings.participation(principal, code)
    const connectionId = randomUUID()
    await meetings.enterSocket(room, participant, connectionId)
    const accepted = new Promise<WebSocket>((resolve) =>
      server.once('connection', (ws, { socket }) => {
        const held = { connectionId, principal, leasedTo: [subjectOf(principal)] }
        const admission = { ...held, roomId: room.id, participantId: participant.id }
        hub.connect(ws, socket, { admission, room, participant })
        resolve(ws)
      }),
    )
    const ws = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, { autoPong })
    const frames: Frame[] = []
    const wakers = new Set<() => void>()
    ws.on('message', (data: RawData) => {
      frames.push(JSON.parse(data.toString()))
      for (const wake of wakers) wake()
    })
    const closed = new Promise<number>((resolve) => ws.once('close', resolve))
    /** The server's end. */
    const served = await accepted
    const seen = (type: string, matches: (frame: Frame) => boolean = () => true) =>
      new Promise<Frame>((resolve) => {
        const wake = () => {
          const found = frames.find((frame) => frame.type === type && matches(frame))
          if (found) resolve(found)
        }
        wakers.add(wake)
        wake()
      })
    await seen('welcome')
    return { ws, served, frames, closed, seen, room, participant, connectionId }
  }

  async function newRoom(host: UserPrincipal) {
    return (await meetings.create(host, { name: 'Stand-up' })).room_code
  }
  return { db, state, meetings, hub, bus, keyEnds, newUser, newRoom, enter }
}

t.test('the ends of a socket', async (t) => {
  const { state, newUser, newRoom, enter } = await openHub(t)

  await t.test('it ends with its token', async (t) => {
    const user = await newUser(300)
    t.equal(await (await enter(user, await newRoom(user))).closed, 4401)
  })

  await t.test('it ends with its session, by what ended that', async (t) => {
    for (const [reason, code] of [
      ['logout', 4401],
      ['password_changed', 4401],
      ['user_deleted', 4401],
      ['left', 1000],
      ['kicked', 4403],
      ['room_ended', 4410],
    ] as const) {
      const user = await newUser()
      const socket = await enter(user, await newRoom(user))
      await state.revocations.revoke([{ subject: subjectOf(user), sessionId: user.sessionId, reason }], 900_000)
      t.equal(await socket.closed, code, reason)
    }
  })

  await t.test('a revocation of another session leaves it alone, and pings keep it', async (t) => {
    const user = await newUser()
    const socket = await enter(user, await newRoom(user))
    await state.revocations.revoke([{ subject: subjectOf(user), sessionId: randomUUID(), reason: 'logout' }], 900_000)
    for (let pings = 0; pings < 15; pings++) await new Promise((resolve) => socket.ws.once('ping', resolve))
    t.equal(socket.ws.readyState, WebSocket.OPEN)
    socket.ws.close()
    await socket.closed
  })
})

t.test('the heartbeat finds out about keys that ended unheard', async (t) => {
  const { keyEnds, newUser, newRoom, enter } = await openHub(t)
  const { userId, expiresAt } = await newUser()
  const byKey = (keyId: string): Principal => ({
    ...{ kind: 'api_key', keyId, userId, sessionId: keyId, scopes: ['meetings:write'], expiresAt },
  })
  const room = await newRoom(await newUser())
  keyEnds.set('good', expiresAt).set('revoked', expiresAt)
  const [good, revoked] = [await enter(byKey('good'), room), await enter(byKey('revoked'), room)]
  keyEnds.delete('revoked')
  t.equal(await revoked.closed, 4401)
  t.equal(good.ws.readyState, WebSocket.OPEN)
})

t.test('a client that answers no ping is closed with 4408', async (t) => {
  const { newUser, newRoom, enter } = await openHub(t, { deadMs: 200 })
  const user = await newUser()
  t.equal(await (await enter(user, await newRoom(user), false)).closed, 4408)
})

t.test('what was missed while the bus was away is fetched when it is back, in order and once', async (t) => {
  const { state, bus, newUser, newRoom, enter } = await openHub(t)
  const user = await newUser()
  const socket = await enter(user, await newRoom(user))
  const { room } = socket
  const append = (n: number) => state.roomEvents.append(room.id, { type: 'x', n })
  const numbers = () => socket.frames.flatMap((frame) => (frame.type === 'x' ? [frame.n] : []))
  await append(1)
  bus.cut = true
  await append(2)
  await append(3)
  bus.cut = false
  bus.recover()
  await state.roomEvents.append(room.id, { type: 'end' })
  await socket.seen('end')
  t.strictSame(numbers(), [1, 2, 3])

  bus.cut = true
  await append(4)
  bus.cut = false
  // No word of a recovery: the gap shows with the next event.
  await append(5)
  await state.roomEvents.append(room.id, { type: 'end2' })
  await socket.seen('end2')
  t.strictSame(numbers(), [1, 2, 3, 4, 5])
})

t.test('a participant that is said to be gone but has a socket is told to be there', async (t) => {
  const { state, meetings, newUser, newRoom, enter } = await openHub(t)
  const user = await newUser()
  const { participant, room, seen, ws } = await enter(user, await newRoom(user))
  await state.presence.leave(room.id, participant.id)
  const left = { type: 'participant.left', participant: meetings.toParticipant(participant) }
  const { seq } = await state.roomEvents.append(room.id, left)
  const joined = await seen('participant.joined')
  t.ok(Number(joined.seq) > seq)
  t.strictSame(await state.presence.list(room.id), [participant.id])
  t.equal(ws.readyState, WebSocket.OPEN)
})

t.test('who left and waits at the door anew does not stay inside with the old socket', async (t) => {
  const { db, state, meetings, newUser, newRoom, enter } = await openHub(t)
  const host = await newUser()
  const code = await newRoom(host)
  const { room } = await enter(host, code)
  const { participant, closed } = await enter(await newUser(), code)
  // As when the room was locked, and the call that knocks overtakes the word of the one that left.
  await db.update(participants).set({ status: 'waiting' }).where(eq(participants.id, participant.id))
  await state.presence.leave(room.id, participant.id)
  const left = { type: 'participant.left', participant: meetings.toParticipant(participant), reason: 'left' }
  await state.roomEvents.append(room.id, left)
  t.equal(await closed, 1000)
  t.notOk((await state.presence.list(room.id)).includes(participant.id))
})

t.test('closing the hub closes every socket with 1001 and a hint', async (t) => {
  const { hub, newUser, newRoom, enter } = await openHub(t)
  const user = await newUser()
  const code = await newRoom(user)
  const [a, b] = [await enter(user, code), await enter(user, code)]
  const reason = new Promise((resolve) => a.ws.once('close', (_code, text) => resolve(text.toString())))
  await hub.close()
  t.strictSame(await Promise.all([a.closed, b.closed]), [1001, 1001])
  t.match(await reason, /reconnect/)
})

t.test('what was decided while the bus was away is found out', async (t) => {
  const { meetings, bus, newUser, newRoom, enter } = await openHub(t)
  const [host, user] = [await newUser(), await newUser()]
  const code = await newRoom(host)
  await enter(host, code)
  await meetings.configure(host, code, { lock_room: true })

  await t.test('who waits and was let in is let in', async (t) => {
    const socket = await enter(user, code)
    t.equal(socket.participant.status, 'waiting')
    bus.cut = true
    await meetings.admit(host, code, socket.participant.id)
    bus.cut = false
    t.match(await socket.seen('lobby.admitted'), { participant: { status: 'joined' } })
    t.match(await socket.seen('welcome', ({ participants }) => (participants as unknown[]).length === 2), {
      participant: { status: 'joined' },
    })

    bus.cut = true
    await meetings.kick(host, code, socket.participant.id)
    bus.cut = false
    t.ok([1000, 4403].includes(await socket.closed))
  })

  await t.test('who waits and was turned away is turned away', async (t) => {
    const socket = await enter(await newUser(), code)
    bus.cut = true
    await meetings.reject(host, code, socket.participant.id)
    bus.cut = false
    await socket.seen('lobby.rejected')
    t.equal(await socket.closed, 4403)
  })
})

t.test('who vanished with its process is gone when its lease is over, and the others are told once', async (t) => {
  let time = 1_800_000_000_000
  const { state, meetings, newUser, newRoom, enter } = await openHub(t, { now: () => time })
  const [host, ghost] = [await newUser(), await newUser()]
  const code = await newRoom(host)
  const socket = await enter(host, code)
  // What a process leaves behind that was killed: a lease that nobody renews.
  await meetings.join(ghost, code, {})
  const { room, participant } = await meetings.participation(ghost, code)
  await meetings.enterSocket(room, participant, randomUUID())
  time += 59_000
  await new Promise((resolve) => socket.ws.once('ping', resolve))
  t.strictSame((await state.presence.list(room.id)).length, 2)
  // The host's lease is renewed in between, as it would be.
  await state.presence.renew(room.id, [{ participantId: socket.participant.id, connectionId: socket.connectionId }])
  time += 2000
  t.match(await socket.seen('participant.left'), { participant: { id: participant.id }, reason: 'gone' })
  for (let pings = 0; pings < 10; pings++) await new Promise((resolve) => socket.ws.once('ping', resolve))
  t.equal(socket.frames.filter(({ type }) => type === 'participant.left').length, 1)
  t.strictSame(await state.presence.list(room.id), [socket.participant.id])
})

t.test('a reader that stops reading is closed, and costs the others nothing', async (t) => {
  const { state, newUser, newRoom, enter } = await openHub(t)
  const [host, slow] = [await newUser(), await newUser()]
  const code = await newRoom(host)
  const reader = await enter(host, code)
  const stuck = await enter(slow, code)
  stuck.ws.pause()
  const blob = 'x'.repeat(256 * 1024)
  // Far more than the buffers of both ends and the 4 MiB that may wait hold together.
  for (let n = 0; n < 200; n++) {
    const before = reader.frames.length
    await state.roomEvents.append(stuck.room.id, { type: 'x', n, blob })
    while (reader.frames.length === before) await new Promise((resolve) => setImmediate(resolve))
  }
  const numbers = reader.frames.flatMap((frame) => (frame.type === 'x' ? [frame.n] : []))
  t.strictSame(
    numbers,
    Array.from({ length: 200 }, (_, n) => n),
  )
  if (stuck.served.readyState !== WebSocket.CLOSED) await once(stuck.served, 'close')
  stuck.ws.resume()
  await stuck.closed
})
