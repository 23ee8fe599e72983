import t from 'tap'
import { hostCalls, openPair } from '../support/app-pair.ts'
import type { MeetingApp } from '../support/meeting-app.ts'
import type { Frame, TestSocket } from '../support/socket-client.ts'

/** A locked room with its host at one process, for people who come to the other. */
async function lockedRoom(one: MeetingApp, two: MeetingApp) {
  const ben = await one.user('en')
  const code = await one.room(ben)
  const inside = await one.join(code, undefined, { display_name: 'Ina' })
  const ina = await two.enter(code, inside.guest_token ?? '')
  const host = await one.enter(code, ben.token)
  const calls = hostCalls(one, code, ben.token)
  await calls.configure({ lock_room: true })
  await Promise.all([host.next('room.updated'), ina.next('room.updated')])

  /** Somebody comes to the door of the other process, and its socket is welcomed there. */
  async function knock(name = 'Gus', language = 'es') {
    const body = { display_name: name, listening_language: language, speaking_language: language }
    const { participant, guest_token: token = '' } = await two.join(code, undefined, body)
    const socket = await two.open(code, token)
    return { id: participant.id, token, socket, welcome: await socket.next('welcome') }
  }
  return { ben, code, host, ina, insideId: inside.participant.id, calls, knock }
}

const about = (type: string, id: string) => (frame: Frame) =>
  frame.type === type && (frame.participant as { id: string }).id === id

async function pong(socket: TestSocket): Promise<void> {
  socket.send({ type: 'ping' })
  await socket.next('pong')
}

t.test('the lobby, with its host at one process and its people at another', async (t) => {
  const { one, two } = await openPair(t, { maxSocketsPerUser: 20 })

  await t.test('who waits sees the room and itself, hosts see who waits, others see nothing', async (t) => {
    const { code, ben, host, ina, knock } = await lockedRoom(one, two)
    const { id, welcome } = await knock()
    t.match(welcome, { participant: { id, status: 'waiting' }, room: { room_code: code } })
    t.strictSame(welcome.participants, [])
    t.notOk('lobby' in welcome)
    t.match(await host.next('lobby.waiting'), { participant: { id, display_name: 'Gus', status: 'waiting' } })
    const second = await one.open(code, ben.token)
    t.match((await second.next('welcome')).lobby, [{ id }])
    await pong(ina)
    t.notOk(ina.frames.some(({ type }) => type.startsWith('lobby.')))
  })

  await t.test('who waits is told nothing of the room and may do nothing in it', async (t) => {
    const { host, insideId, knock } = await lockedRoom(one, two)
    const { id, socket } = await knock()
    host.send({ type: 'say', text: 'Between us.' })
    host.send({ type: 'state.set', hand: true })
    host.send({ type: 'signal', to: id, kind: 'offer', payload: {} })
    t.match(await host.next('error'), { code: 'NOT_FOUND', ref: 'signal' })
    for (const frame of [
      { type: 'say', text: 'Hello?' },
      { type: 'state.set', hand: true },
      { type: 'signal', to: insideId, kind: 'offer', payload: {} },
      { type: 'resume', after_seq: 0 },
    ]) {
      socket.send(frame)
      t.match(await socket.next('error'), { code: 'FORBIDDEN', ref: frame.type })
    }
    socket.send({ type: 'language.set', listening: 'fr' })
    await pong(socket)
    t.strictSame([...new Set(socket.frames.map(({ type }) => type))].sort(), ['error', 'pong', 'welcome'])
  })

  await t.test('an admission reaches the socket, which is then inside like any other', async (t) => {
    const { host, ina, calls, knock } = await lockedRoom(one, two)
    host.send({ type: 'say', text: 'Before you came.' })
    await host.next('caption')
    const { id, socket } = await knock()
    t.equal(await calls.admit(id), 200)
    t.match(await socket.next('lobby.admitted'), { participant: { id, status: 'joined' } })
    const welcome = await socket.next('welcome')
    t.match(welcome, { participant: { id, status: 'joined' } })
    t.equal((welcome.participants as unknown[]).length, 3)
    t.match(await host.next('lobby.admitted'), { participant: { id } })
    t.match(await ina.next(about('participant.joined', id)), {})
    host.send({ type: 'say', text: 'Good morning.' })
    t.match(await socket.next('caption'), { source_text: 'Good morning.', language: 'es', status: 'translated' })
    socket.send({ type: 'say', text: 'Buenos días.' })
    t.match(await ina.next((frame) => frame.source_text === 'Buenos días.'), { source_language: 'es' })
    t.ok(
      socket.frames.findIndex(({ type }) => type === 'lobby.admitted') <
        socket.frames.findIndex(({ seq, type }) => seq !== undefined && type !== 'welcome'),
    )

    socket.send({ type: 'resume', after_seq: 0 })
    await pong(socket)
    t.strictSame(
      socket.frames.filter(({ type }) => type === 'caption').map(({ source_text }) => source_text),
      ['Good morning.', 'Buenos días.'],
      'what was said before is not for it',
    )
    const numbers = ina.frames.flatMap(({ seq, type }) => (type === 'welcome' || seq === undefined ? [] : [seq]))
    t.strictSame(
      numbers,
      Array.from(numbers, (_, i) => Number(numbers[0]) + i),
      'nobody misses a number',
    )
  })

  await t.test('a rejection closes with 4403, and one may knock again', async (t) => {
    const { host, calls, knock } = await lockedRoom(one, two)
    const { id, socket } = await knock()
    t.equal(await calls.reject(id), 204)
    t.match(await socket.next('lobby.rejected'), { participant: { id } })
    t.equal(await socket.closed, 4403)
    t.match(await host.next('lobby.rejected'), { participant: { id } })
    t.match((await knock()).welcome, { participant: { status: 'waiting' } })
  })

  await t.test('who goes away from the door is no longer there for hosts', async (t) => {
    const { code, host, knock } = await lockedRoom(one, two)
    const leaving = await knock('Leo')
    t.equal(await one.post(`/api/v1/meetings/${code}/leave`, leaving.token), 204)
    t.equal(await leaving.socket.closed, 1000)
    await host.next(about('lobby.left', leaving.id))
    const lost = await knock('Lea')
    lost.socket.ws.terminate()
    await host.next(about('lobby.left', lost.id))
  })

  await t.test('a new co-host hears at once who waits, and who comes', async (t) => {
    const { code, host, calls, knock } = await lockedRoom(one, two)
    const user = await two.user()
    await calls.configure({ lock_room: false })
    const { id } = (await two.join(code, user.token)).participant
    await calls.configure({ lock_room: true })
    const socket = await two.enter(code, user.token)
    const first = await knock('First')
    t.equal(await calls.role(id, 'co_host'), 200)
    t.match(await socket.next(about('participant.updated', id)), { participant: { role: 'co_host' } })
    await socket.next(about('lobby.waiting', first.id))
    const second = await knock('Second')
    await socket.next(about('lobby.waiting', second.id))
    t.equal(await calls.role(id, 'participant'), 200)
    await host.next(
      (frame) =>
        about('participant.updated', id)(frame) && (frame.participant as { role: string }).role === 'participant',
    )
    await socket.next(
      (frame) =>
        about('participant.updated', id)(frame) && (frame.participant as { role: string }).role === 'participant',
    )
    const third = await knock('Third')
    await host.next(about('lobby.waiting', third.id))
    await pong(socket)
    t.notOk(socket.frames.some(about('lobby.waiting', third.id)))
  })

  await t.test('all who wait come in at once', async (t) => {
    const { calls, knock } = await lockedRoom(one, two)
    const people = [await knock('Ann'), await knock('Bob'), await knock('Cid')]
    t.equal(await calls.admitAll(), 200)
    for (const { socket, id } of people) {
      await socket.next(about('lobby.admitted', id))
      t.match(await socket.next('welcome'), { participant: { id, status: 'joined' } })
    }
  })

  await t.test('the end of the room closes those who wait with 4410', async (t) => {
    const { calls, knock } = await lockedRoom(one, two)
    const { socket } = await knock()
    t.equal(await calls.end(), 204)
    t.equal(await socket.closed, 4410)
  })

  await t.test('a kick closes every socket of the one it is about with 4403, on both processes', async (t) => {
    const { code, ina, calls } = await lockedRoom(one, two)
    const user = await two.user()
    await calls.configure({ lock_room: false })
    const { id } = (await two.join(code, user.token)).participant
    const sockets = [await one.enter(code, user.token), await two.enter(code, user.token)]
    t.equal(await calls.kick(id), 204)
    t.strictSame(await Promise.all(sockets.map(({ closed }) => closed)), [4403, 4403])
    t.match(await ina.next(about('participant.left', id)), { reason: 'kicked' })
    const guest = await one.join(code, undefined, { display_name: 'Gil' })
    const guests = await two.enter(code, guest.guest_token ?? '')
    t.equal(await calls.kick(guest.participant.id), 204)
    t.equal(await guests.closed, 4403)
  })
})
