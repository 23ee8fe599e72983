import t from 'tap'
import { send } from '../support/client.ts'
import { listen, type MeetingApp } from '../support/meeting-app.ts'
import { sendRaw } from '../support/raw-http.ts'
import { connect, type Frame, ticketFor } from '../support/socket-client.ts'

const SENTENCE = 'The meeting starts at nine in the morning.'

/** A room with a host who speaks English and a participant who reads Spanish. */
async function pair(app: MeetingApp) {
  const [ben, ana] = [await app.user('en'), await app.user('es')]
  const code = await app.room(ben)
  await app.join(code, ana.token)
  return { ben, ana, code }
}

t.test('refusals before the upgrade', async (t) => {
  const app = await listen(t, { allowedOrigins: ['https://app.example.org'] })
  const { ben, ana, code } = await pair(app)
  const refused = async (...args: Parameters<MeetingApp['open']>) => (await app.open(...args)).refusal

  await t.test('a plain request is told that this is a socket', async (t) => {
    const answer = await send<{ code: string }>(app.base, 'GET', `/api/v1/ws/meetings/${code}`, { token: ben.token })
    t.equal(answer.status, 400)
    t.equal(answer.body.code, 'MALFORMED_REQUEST')
  })

  await t.test('a handshake that cannot succeed gets the error body', async (t) => {
    const lines = [
      `GET /api/v1/ws/meetings/${code} HTTP/1.1`,
      `Host: ${new URL(app.base).host}`,
      `Authorization: Bearer ${ben.token}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: short',
    ]
    const answer = await sendRaw(app.base, `${lines.join('\r\n')}\r\n\r\n`)
    t.equal(answer.status, 400)
    t.match(answer.body, '"code":"MALFORMED_REQUEST"')
  })

  await t.test('no ticket and no token', async (t) => {
    const socket = await connect(t, app.base, code)
    t.match(socket.refusal, { status: 401, body: { status: 'error', code: 'UNAUTHENTICATED' } })
    t.equal(socket.refusal?.headers['x-content-type-options'], 'nosniff')
  })

  await t.test('a ticket is good once', async (t) => {
    const ticket = await ticketFor(app.base, code, ben.token)
    const first = await connect(t, app.base, code, ticket)
    t.equal(await first.opened, 'open')
    t.equal(first.ws.protocol, 'fluentmeet.v1')
    const second = await connect(t, app.base, code, ticket)
    t.match(second.refusal, { status: 401, body: { code: 'UNAUTHENTICATED' } })
    first.close()
  })

  await t.test('a ticket that was never issued, and one of another room', async (t) => {
    t.equal((await connect(t, app.base, code, 'x'.repeat(43))).refusal?.status, 401)
    const other = await app.room(ben)
    const socket = await connect(t, app.base, code, await ticketFor(app.base, other, ben.token))
    t.equal(socket.refusal?.status, 401)
  })

  await t.test('a ticket works only from the origin it was made for', async (t) => {
    const origin = 'https://app.example.org'
    const ticket = await ticketFor(app.base, code, ben.token, origin)
    t.equal((await connect(t, app.base, code, ticket)).refusal?.status, 401)
    const socket = await app.open(code, ben.token, { origin })
    t.equal(await socket.opened, 'open')
    socket.close()
  })

  await t.test('a foreign origin and `null`', async (t) => {
    for (const origin of ['https://evil.example', 'null']) {
      const socket = await connect(t, app.base, code, undefined, { token: ben.token, origin })
      t.match(socket.refusal, { status: 403, body: { code: 'ORIGIN_NOT_ALLOWED' } }, origin)
    }
  })

  await t.test('a room that is not there, that is not theirs, and one they left', async (t) => {
    const stranger = await app.user()
    for (const [room, token] of [
      ['a'.repeat(26), ben.token],
      [code, stranger.token],
    ] as const) {
      const socket = await connect(t, app.base, room, undefined, { token })
      t.match(socket.refusal, { status: 404, body: { code: 'NOT_FOUND' } })
    }
    await app.join(code, stranger.token)
    t.equal(await app.post(`/api/v1/meetings/${code}/leave`, stranger.token), 204)
    const socket = await connect(t, app.base, code, undefined, { token: stranger.token })
    t.match(socket.refusal, { status: 404, body: { code: 'NOT_FOUND' } })
  })

  await t.test('a room that has ended', async (t) => {
    const ended = await app.room(ana)
    await app.post(`/api/v1/meetings/${ended}/end`, ana.token)
    const socket = await connect(t, app.base, ended, undefined, { token: ana.token })
    t.match(socket.refusal, { status: 409, body: { code: 'ROOM_ENDED' } })
  })

  await t.test('the sixth socket of a user, until one of the five is closed', async (t) => {
    const user = await app.user()
    const room = await app.room(user)
    const sockets = await Promise.all([1, 2, 3, 4, 5].map(() => app.enter(room, user.token)))
    const sixth = await refused(room, user.token)
    t.match(sixth, { status: 429, body: { code: 'RATE_LIMIT_EXCEEDED' } })
    t.match(sixth?.headers['retry-after'], /^[1-9]\d*$/)
    sockets[0]?.close()
    await sockets[0]?.closed
    // The server gives the place back when it sees the connection gone, which may be a moment later.
    let outcome: 'open' | number = 429
    for (let i = 0; i < 50 && outcome !== 'open'; i++) outcome = await (await app.open(room, user.token)).opened
    t.equal(outcome, 'open')
  })

  await t.test('more sockets of guests of one address than ten users may open, whoever they are', async (t) => {
    const few = await listen(t, { maxSocketsPerUser: 1 })
    const host = await few.user()
    const room = await few.room(host)
    const guest = async () => (await few.join(room, undefined, { display_name: 'Gus' })).guest_token ?? ''
    const sockets = []
    for (let i = 0; i < 10; i++) sockets.push(await few.enter(room, await guest()))
    const token = await guest()
    const refusal = (await few.open(room, token)).refusal
    t.match(refusal, { status: 429, body: { code: 'RATE_LIMIT_EXCEEDED' } })
    t.match(refusal?.headers['retry-after'], /^[1-9]\d*$/)
    t.equal(await (await few.open(room, host.token)).opened, 'open', 'users do not count')
    sockets[0]?.close()
    await sockets[0]?.closed
    let outcome: 'open' | number = 429
    for (let i = 0; i < 50 && outcome !== 'open'; i++) outcome = await (await few.open(room, token)).opened
    t.equal(outcome, 'open', 'and the refused one holds nothing')
  })

  await t.test('a token that was logged out', async (t) => {
    const user = await app.user()
    const room = await app.room(user)
    const ticket = await ticketFor(app.base, room, user.token)
    await app.post('/api/v1/auth/logout-all', user.token)
    t.match((await connect(t, app.base, room, ticket)).refusal, { status: 401, body: { code: 'TOKEN_REVOKED' } })
  })
})

t.test('a meeting in two languages', async (t) => {
  const app = await listen(t)
  const { ben, ana, code } = await pair(app)
  const speaker = await app.open(code, ben.token)
  const welcome = await speaker.next('welcome')
  const reader = await app.enter(code, ana.token)

  await t.test('welcome says who and what is there', async (t) => {
    t.match(welcome, { room: { room_code: code }, participant: { role: 'host', speaking_language: 'en' } })
    t.equal((welcome.participants as unknown[]).length, 2)
    t.type(welcome.seq, 'number')
    t.ok(welcome.languages)
  })

  await t.test('each reads what is said in the own language', async (t) => {
    speaker.send({ type: 'say', id: 'c1', text: SENTENCE })
    const [said, read] = await Promise.all([speaker.next('caption'), reader.next('caption')])
    t.match(said, { text: SENTENCE, language: 'en', status: 'original', final: true, revision: 0 })
    t.match(read, { source_text: SENTENCE, source_language: 'en', language: 'es', status: 'translated', seq: said.seq })
    t.not(read.text, SENTENCE)
    t.equal(read.id, 'c1')
  })

  await t.test('line breaks of a pasted text become spaces', async (t) => {
    speaker.send({ type: 'say', text: 'Good\r\nmorning.\t' })
    t.match(await speaker.next('caption'), { text: 'Good morning.' })
    await reader.next('caption')
  })

  await t.test('an interim has no number and comes before its final', async (t) => {
    speaker.send({ type: 'say', id: 'c2', text: 'The meeting', final: false, revision: 1 })
    speaker.send({ type: 'say', id: 'c2', text: SENTENCE, revision: 2 })
    const [interim, final] = [await reader.next('caption'), await reader.next('caption')]
    t.match(interim, { final: false, revision: 1 })
    t.notOk('seq' in interim)
    t.match(final, { final: true, revision: 2, id: interim.id })
  })

  await t.test('nobody writes over what somebody else said', async (t) => {
    reader.send({ type: 'say', id: 'c1', text: 'No digo eso.' })
    t.match(await reader.next('error'), { code: 'CONFLICT', ref: 'c1' })
  })

  await t.test('captions of one speaker keep their order', async (t) => {
    const texts = Array.from({ length: 8 }, (_, i) => `This is sentence number ${i}.`)
    for (const text of texts) speaker.send({ type: 'say', text })
    const read: unknown[] = []
    for (const _ of texts) read.push((await reader.next('caption')).source_text)
    t.strictSame(read, texts)
  })

  await t.test('a language that is set counts for the next caption', async (t) => {
    reader.send({ type: 'language.set', listening: 'es-MX' })
    t.match(await speaker.next('participant.updated'), { participant: { listening_language: 'es-MX' } })
    await reader.next('participant.updated')
    speaker.send({ type: 'say', text: SENTENCE })
    t.match(await reader.next('caption'), { language: 'es', status: 'translated' })
    reader.send({ type: 'language.set', listening: 'sw' })
    await reader.next('participant.updated')
    speaker.send({ type: 'say', text: SENTENCE })
    t.match(await reader.next('caption'), { text: SENTENCE, language: 'en', status: 'untranslated' })
    reader.send({ type: 'language.set', listening: 'en', speaking: 'es' })
    reader.send({ type: 'say', text: 'Buenos días.' })
    t.match(await reader.next((frame) => frame.source_text === 'Buenos días.'), {
      source_language: 'es',
      status: 'original',
    })
    reader.send({ type: 'language.set', listening: 'es' })
  })

  await t.test('ping is answered', async (t) => {
    speaker.send({ type: 'ping', id: 'p1' })
    t.match(await speaker.next('pong'), { id: 'p1', at: /^\d{4}-/ })
  })

  await t.test('a guest takes part and its token is a token of this room only', async (t) => {
    const guest = await app.join(code, undefined, { display_name: 'Gus', listening_language: 'es' })
    const socket = await app.enter(code, guest.guest_token ?? '')
    speaker.send({ type: 'say', text: SENTENCE })
    t.match(await socket.next('caption'), { language: 'es', status: 'translated' })
    const other = await app.room(ben)
    t.equal((await connect(t, app.base, other, undefined, { token: guest.guest_token ?? '' })).refusal?.status, 404)
    await app.post(`/api/v1/meetings/${code}/leave`, guest.guest_token ?? '')
    t.equal(await socket.closed, 1000)
  })

  await t.test('who leaves is closed, and the others are told once', async (t) => {
    const user = await app.user()
    await app.join(code, user.token)
    const socket = await app.enter(code, user.token)
    const { id } = (await app.join(code, user.token)).participant
    const about = (frame: Frame) => (frame.participant as { id: string } | undefined)?.id === id
    t.match(await speaker.next(about), { type: 'participant.joined' })
    await app.post(`/api/v1/meetings/${code}/leave`, user.token)
    t.equal(await socket.closed, 1000)
    t.match(await speaker.next((frame) => about(frame) && frame.type !== 'participant.updated'), {
      type: 'participant.left',
    })
  })

  await t.test('logout closes the socket with 4401', async (t) => {
    const user = await app.user()
    await app.join(code, user.token)
    const socket = await app.enter(code, user.token)
    await app.post('/api/v1/auth/logout-all', user.token)
    t.equal(await socket.closed, 4401)
  })

  await t.test('the end of the room is said, then closes with 4410', async (t) => {
    t.equal(await app.post(`/api/v1/meetings/${code}/end`, ben.token), 204)
    await Promise.all([speaker.next('room.ended'), reader.next('room.ended')])
    t.strictSame(await Promise.all([speaker.closed, reader.closed]), [4410, 4410])
  })
})

t.test('bad frames', async (t) => {
  const app = await listen(t)
  const ben = await app.user()
  const code = await app.room(ben)

  await t.test('each is answered with an error and the connection stays', async (t) => {
    const socket = await app.enter(code, ben.token)
    socket.sendRaw('{')
    t.match(await socket.next('error'), { code: 'MALFORMED_REQUEST' })
    socket.send({ type: 'caption' })
    t.match(await socket.next('error'), { code: 'VALIDATION_ERROR' })
    socket.send({ type: 'say', id: 'mine', text: 'a\u0000b' })
    t.match(await socket.next('error'), { code: 'VALIDATION_ERROR', ref: 'mine' })
    socket.sendRaw(Buffer.alloc(640))
    t.match(await socket.next('error'), { code: 'UNPROCESSABLE', ref: 'audio.start' })
    socket.send({ type: 'audio.start', encoding: 'opus', sample_rate: 16_000 })
    t.match(await socket.next('error'), { code: 'VALIDATION_ERROR', ref: 'audio.start' })
    socket.send({ type: 'signal', to: 'x', kind: 'offer', payload: {} })
    t.match(await socket.next('error'), { code: 'NOT_FOUND', ref: 'signal' })
    socket.send({ type: 'ping' })
    await socket.next('pong')
    socket.close()
  })

  await t.test('ten in a minute close with 4400', async (t) => {
    const socket = await app.enter(code, ben.token)
    for (let i = 0; i < 10; i++) socket.sendRaw('nonsense')
    t.equal(await socket.closed, 4400)
    t.equal(socket.frames.filter(({ type }) => type === 'error').length, 10)
  })

  await t.test('a text frame above 16 KiB, and a binary one above 32 KiB, close with 1009', async (t) => {
    const text = await app.enter(code, ben.token)
    text.sendRaw(JSON.stringify({ type: 'say', text: 'x'.repeat(16 * 1024) }))
    t.equal(await text.closed, 1009)
    const binary = await app.enter(code, ben.token)
    binary.sendRaw(Buffer.alloc(32 * 1024 + 1))
    t.equal(await binary.closed, 1009)
  })

  await t.test('more than 120 messages a minute close with 4429', async (t) => {
    const socket = await app.enter(code, ben.token)
    for (let i = 0; i < 120; i++) {
      socket.send({ type: 'ping' })
      await socket.next('pong')
    }
    socket.send({ type: 'ping' })
    t.equal(await socket.closed, 4429)
  })
})

t.test('coming back', async (t) => {
  const app = await listen(t)
  const { ben, ana, code } = await pair(app)
  const speaker = await app.enter(code, ben.token)
  const first = await app.enter(code, ana.token)
  speaker.send({ type: 'say', text: 'Before.' })
  const { seq } = await first.next('caption')
  first.close()
  await first.closed
  const texts = ['One.', 'Two.', 'Three.']
  for (const text of texts) speaker.send({ type: 'say', text })
  for (const text of ['Before.', ...texts]) await speaker.next((frame) => frame.source_text === text)

  await t.test('resume brings what was missed, in order and once, in the own language', async (t) => {
    // Sent before `welcome`: frames that come early are kept.
    const socket = await app.enter(code, ana.token, {
      onSocket: (ws) => ws.once('open', () => ws.send(JSON.stringify({ type: 'resume', after_seq: seq }))),
    })
    speaker.send({ type: 'say', text: 'Live.' })
    await socket.next((frame) => frame.source_text === 'Live.')
    socket.send({ type: 'resume', after_seq: seq })
    socket.send({ type: 'ping' })
    await socket.next('pong')
    const captions = socket.frames.filter(({ type }) => type === 'caption')
    t.strictSame(
      captions.map((frame) => frame.source_text),
      [...texts, 'Live.'],
    )
    t.ok(captions.every((frame) => frame.language === 'es'))
    const numbers = socket.frames.flatMap((frame) => (frame.type === 'welcome' ? [] : (frame.seq ?? [])))
    t.strictSame(
      numbers,
      Array.from(numbers, (_, i) => Number(seq) + 1 + i),
      'no gap and no duplicate',
    )
    socket.send({ type: 'resume', after_seq: 1_000_000 })
    t.match(await socket.next('error'), { code: 'CONFLICT', ref: 'resume' })
  })

  await t.test('a shutdown closes with 1001 and says to come back', async (t) => {
    await app.close()
    t.equal(await speaker.closed, 1001)
    t.match(speaker.closeReason(), /reconnect/)
  })
})
