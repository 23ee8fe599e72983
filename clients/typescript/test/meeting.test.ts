import { randomBytes } from 'node:crypto'
import t from 'tap'
import { newUser, signUp } from '../../../test/support/client.ts'
import { startCuttableProxy } from '../../../test/support/cuttable-proxy.ts'
import { dataFolder } from '../../../test/support/data-folder.ts'
import { listen } from '../../../test/support/meeting-app.ts'
import { freePort } from '../../../test/support/ports.ts'
import { startServer } from '../../../test/support/server-process.ts'
import { until } from '../../../test/support/states.ts'
import { type Api, type Caption, createApi, createSession, createVisit, type MeetingSocket } from '../src/index.ts'

interface Teardown {
  teardown(end: () => void): void
}

/** What a socket tells, kept. */
function record(t: Teardown, socket: MeetingSocket) {
  const captions: Caption[] = []
  const seqs: number[] = []
  const losses: (number | null)[] = []
  let gaps = 0
  socket.on('caption', (caption) => captions.push(caption))
  socket.on('frame', (frame) => frame.type !== 'welcome' && 'seq' in frame && frame.seq && seqs.push(frame.seq))
  socket.on('offline', ({ code }) => losses.push(code))
  socket.on('gap', () => gaps++)
  t.teardown(() => socket.close())
  return { captions, seqs, losses, gaps: () => gaps, texts: () => captions.map(({ text }) => text) }
}

/** Joins and connects; resolves when all is there. */
async function attend(t: Teardown, api: Api, code: string, name: string | null, language = 'en') {
  const visit = createVisit(api, code)
  const languages = { speaking_language: language, listening_language: language }
  await visit.join({ ...(name ? { display_name: name } : {}), ...languages })
  const socket = visit.socket()
  const kept = record(t, socket)
  await online(socket.connect())
  return { visit, socket, ...kept }
}

const online = (socket: MeetingSocket) => until(() => socket.status === 'online')

t.test('a user and a guest read each other, each in their language', async (t) => {
  const app = await listen(t)
  const session = createSession({ baseUrl: app.base })
  await session.signIn(await signUp(app.base))
  const { room_code } = await session.call('POST /meetings', { body: { name: 'Stand-up' } })
  const ana = await attend(t, session, room_code, null)
  const zoe = await attend(t, createApi({ baseUrl: app.base }), room_code, 'Zoë', 'es')
  const joined: string[] = []
  ana.socket.on('participant.updated', ({ participant }) => joined.push(participant.display_name))
  ana.socket.say('Good morning.')
  await until(() => zoe.captions.length === 1)
  t.match(zoe.captions[0], { status: 'translated', language: 'es', source_text: 'Good morning.' })
  zoe.socket.say('Buenos días.')
  await until(() => ana.captions.length === 2 && zoe.captions.length === 2)
  t.match(ana.captions, [
    { status: 'original', text: 'Good morning.' },
    { status: 'translated', language: 'en', source_text: 'Buenos días.' },
  ])
  zoe.socket.send({ type: 'state.set', hand: true })
  await until(() => joined.length === 1)
  t.strictSame(joined, ['Zoë'])
  t.strictSame(zoe.socket.lines, [])
  await zoe.visit.leave()
  t.match(await zoe.socket.over, { reason: 'left' })
  t.strictSame(ana.losses, [])
})

t.test(
  'a connection that is cut: what was said meanwhile comes in order, once, and so does what one says',
  async (t) => {
    const app = await listen(t)
    const proxy = await startCuttableProxy(t, app.base)
    const host = await app.user('en')
    const code = await app.room(host)
    const ana = await attend(t, createApi({ baseUrl: app.base, token: () => host.token }), code, null)
    const ben = await attend(t, createApi({ baseUrl: proxy.url }), code, 'Ben')
    ana.socket.say('One.')
    await until(() => ben.captions.length === 1)
    proxy.cut()
    await until(() => ben.losses.length > 0)
    t.equal(ben.losses[0], 1006)
    ben.socket.say('Said offline.')
    for (const text of ['Two.', 'Three.']) ana.socket.say(text)
    await until(() => ana.captions.length === 3)
    proxy.mend()
    await until(() => ben.captions.length === 4 && ana.captions.length === 4)
    t.strictSame(ben.texts(), ['One.', 'Two.', 'Three.', 'Said offline.'])
    t.strictSame(ana.texts(), ben.texts())
    t.strictSame(
      ben.seqs,
      [...new Set(ben.seqs)].sort((a, b) => a - b),
    )
    t.equal(ben.gaps(), 0)
  },
)

t.test('a token that ends: who can have a new one comes back by itself, who cannot is told', async (t) => {
  const app = await listen(t, { accessTokenTtlSeconds: 3 })
  const session = createSession({ baseUrl: app.base })
  await session.signIn(await signUp(app.base))
  const { room_code } = await session.call('POST /meetings', { body: { name: 'Stand-up' } })
  const ana = await attend(t, session, room_code, null)
  const other = await app.user('en')
  const ben = await attend(t, createApi({ baseUrl: app.base, token: () => other.token }), room_code, null)
  await until(() => ana.losses.length > 0)
  t.equal(ana.losses[0], 4401)
  t.match(await ben.socket.over, { reason: 'refused', error: { code: 'TOKEN_EXPIRED' } })
  t.equal(ben.losses[0], 4401)
  await online(ana.socket)
  ana.socket.say('Still here.')
  await until(() => ana.captions.length === 1)
})

t.test('who is removed stays out, and the end of the meeting is the end', async (t) => {
  const app = await listen(t)
  const host = await app.user('en')
  const code = await app.room(host)
  const ana = await attend(t, createApi({ baseUrl: app.base, token: () => host.token }), code, null)
  const eve = await attend(t, createApi({ baseUrl: app.base }), code, 'Eve')
  const { participants } = await ana.visit.call('GET /meetings/{room_code}/participants', { params: ana.visit.room })
  const participant_id = participants.find(({ display_name }) => display_name === 'Eve')?.id ?? ''
  const params = { ...ana.visit.room, participant_id }
  await ana.visit.call('POST /meetings/{room_code}/kick/{participant_id}', { params })
  t.match(await eve.socket.over, { reason: 'removed', code: 4403 })
  t.strictSame(eve.losses, [])
  await ana.visit.call('POST /meetings/{room_code}/end', { params: ana.visit.room })
  t.match(await ana.socket.over, { reason: 'ended', code: 4410 })
})

t.test('in a locked room a line waits at the door with whoever typed it', async (t) => {
  const app = await listen(t)
  const host = await app.user('en')
  const code = await app.room(host)
  const ana = await attend(t, createApi({ baseUrl: app.base, token: () => host.token }), code, null)
  await ana.visit.call('PATCH /meetings/{room_code}/config', { params: ana.visit.room, body: { lock_room: true } })
  ana.socket.on('lobby.waiting', ({ participant: { id: participant_id } }) => {
    const params = { ...ana.visit.room, participant_id }
    void ana.visit.call('POST /meetings/{room_code}/admit/{participant_id}', { params })
  })
  const visit = createVisit(createApi({ baseUrl: app.base }), code)
  t.match(await visit.join({ display_name: 'Ben' }), { status: 'waiting' })
  const socket = visit.socket()
  const ben = record(t, socket)
  socket.say('At the door.')
  socket.connect()
  await until(() => ben.captions.length === 1)
  t.strictSame(ana.texts(), ['At the door.'])
})

t.test('a server that restarts: everybody comes back, and nothing is lost or doubled', async (t) => {
  const port = await freePort()
  const settings = { PORT: String(port), DATA_DIR: dataFolder(t), SECRET_KEY: randomBytes(32).toString('base64url') }
  const before = await startServer(t, settings)
  const host = await newUser(before.url)
  const api = createApi({ baseUrl: before.url, token: () => host.token })
  const { room_code } = await api.call('POST /meetings', { body: { name: 'Room' } })
  const ana = await attend(t, api, room_code, null)
  const ben = await attend(t, createApi({ baseUrl: before.url }), room_code, 'Ben')
  ana.socket.say('Before.')
  await until(() => ben.captions.length === 1)
  t.equal(await before.stop(), 0)
  await until(() => ana.losses.length > 0 && ben.losses.length > 0)
  t.strictSame([ana.losses[0], ben.losses[0]], [1001, 1001])
  ana.socket.say('Meanwhile.')
  await startServer(t, settings)
  await until(() => ana.captions.length === 2 && ben.captions.length === 2)
  ben.socket.say('After.')
  await until(() => ana.captions.length === 3 && ben.captions.length === 3)
  for (const one of [ana, ben]) {
    t.strictSame(one.texts(), ['Before.', 'Meanwhile.', 'After.'])
    t.equal(one.gaps(), 0)
  }
})
