import { randomBytes } from 'node:crypto'
import t from 'tap'
import { newRoom, newUser, send, signIn, signUp } from '../support/client.ts'
import { startPostgres } from '../support/postgres.ts'
import { joined, recording, silence } from '../support/recordings.ts'
import { startRedis } from '../support/redis.ts'
import { startServer } from '../support/server-process.ts'
import { connect, ticketFor } from '../support/socket-client.ts'
import { AUDIO_START, speakLive, speeches } from '../support/speaking.ts'
import { until } from '../support/states.ts'

/** Two server processes on one Redis and one PostgreSQL. */
async function startPair(t: Parameters<typeof startServer>[0], settings: Record<string, string> = {}) {
  const redis = await startRedis(t)
  const postgres = await startPostgres(t)
  const shared = {
    REDIS_URL: redis.url,
    DATABASE_URL: await postgres.createDatabase(),
    SECRET_KEY: randomBytes(32).toString('base64url'),
    ...settings,
  }
  const [one, two] = await Promise.all([startServer(t, shared), startServer(t, shared)])
  return { one, two, redis }
}

t.test('the auth limit is ten over both processes, not ten each', async (t) => {
  const { one, two } = await startPair(t)
  const statuses: number[] = []
  for (let i = 0; i < 12; i++) {
    const base = i % 2 === 0 ? one.url : two.url
    const body = { email: `nobody-${i}@example.org`, password: 'not the password' }
    const answer = await send<{ code: string }>(base, 'POST', '/api/v1/auth/login', { body })
    statuses.push(answer.status)
    if (answer.status === 429) {
      t.equal(answer.body.code, 'RATE_LIMIT_EXCEEDED')
      t.match(answer.headers.get('retry-after'), /^[1-9]\d*$/)
    }
  }
  t.strictSame(statuses, [...Array(10).fill(401), 429, 429])
})

t.test('what is said aloud at one process is read and heard at the other', { timeout: 240_000 }, async (t) => {
  const { one, two } = await startPair(t, {
    RATE_LIMIT_AUTH_PER_MINUTE: '1000',
    STT_ENGINE: 'embedded',
    TTS_ENGINE: 'embedded',
  })
  const [ben, ana] = [await newUser(one.url, 'en'), await newUser(two.url, 'es')]
  const code = await newRoom(one.url, ben.token)
  for (const [base, { token }] of [
    [one.url, ben],
    [two.url, ana],
  ] as const)
    t.equal((await send(base, 'POST', `/api/v1/meetings/${code}/join`, { token, body: {} })).status, 200)
  const speaker = await connect(t, one.url, code, await ticketFor(one.url, code, ben.token))
  const listener = await connect(t, two.url, code, await ticketFor(two.url, code, ana.token))
  await Promise.all([speaker.next('welcome'), listener.next('welcome')])
  listener.send({ type: 'language.set', spoken_output: true })
  await listener.next('participant.updated')
  const { samples } = await recording('en-only-person')
  speaker.send(AUDIO_START)
  await speakLive(speaker, joined(samples, silence(1)))
  const read = await listener.next((frame) => frame.type === 'caption' && frame.final === true, 90_000)
  t.match(read, { source_language: 'en', language: 'es', status: 'translated' })
  t.match(String(read.source_text), /only person in this conference/i)
  await until(() => speeches(listener).some(({ header, bytes }) => bytes > 0 && bytes === header.bytes))
  t.match(speeches(listener)[0]?.header, { caption_id: read.id, language: 'es' })
  t.ok(
    listener.frames.some(({ id, final }) => id === read.id && final === false),
    'words came while they were said',
  )
})

t.test('what is done at one process holds at the other', async (t) => {
  const { one, two } = await startPair(t, { RATE_LIMIT_AUTH_PER_MINUTE: '1000' })

  await t.test('a logout at one is refused at the other', async (t) => {
    const user = await newUser(one.url)
    t.equal((await send(two.url, 'GET', '/api/v1/users/me', { token: user.token })).status, 200)
    t.equal((await send(one.url, 'POST', '/api/v1/auth/logout', { token: user.token })).status, 204)
    const refused = await send<{ code: string }>(two.url, 'GET', '/api/v1/users/me', { token: user.token })
    t.equal(refused.status, 401)
    t.equal(refused.body.code, 'TOKEN_REVOKED')
  })

  await t.test(
    'a caption said at one is read at the other, translated, and the end of the room closes both',
    async (t) => {
      const [ben, ana] = [await newUser(one.url, 'en'), await newUser(two.url, 'es')]
      const room = await send<{ room_code: string }>(one.url, 'POST', '/api/v1/meetings', {
        token: ben.token,
        body: { name: 'Two processes' },
      })
      const code = room.body.room_code
      for (const [base, user] of [
        [one.url, ben],
        [two.url, ana],
      ] as const) {
        t.equal(
          (await send(base, 'POST', `/api/v1/meetings/${code}/join`, { token: user.token, body: {} })).status,
          200,
        )
      }
      const speaker = await connect(t, one.url, code, await ticketFor(one.url, code, ben.token))
      const reader = await connect(t, two.url, code, await ticketFor(two.url, code, ana.token))
      await Promise.all([speaker.next('welcome'), reader.next('welcome')])
      const text = 'The meeting starts at nine in the morning.'
      speaker.send({ type: 'say', text })
      const [said, read] = await Promise.all([speaker.next('caption'), reader.next('caption')])
      t.match(said, { text, status: 'original', language: 'en' })
      t.match(read, { source_text: text, source_language: 'en', language: 'es', status: 'translated', seq: said.seq })
      t.not(read.text, text)
      t.equal((await send(two.url, 'POST', `/api/v1/meetings/${code}/end`, { token: ben.token })).status, 204)
      t.strictSame(await Promise.all([speaker.closed, reader.closed]), [4410, 4410])
    },
  )

  await t.test('six sockets of one user, spread over both, are five and a 429', async (t) => {
    const user = await newUser(one.url)
    const outcomes: (number | 'open')[] = []
    for (let i = 0; i < 6; i++) {
      const base = i % 2 === 0 ? one.url : two.url
      const room = await send<{ room_code: string }>(base, 'POST', '/api/v1/meetings', {
        token: user.token,
        body: { name: `Room ${i}` },
      })
      const code = room.body.room_code
      await send(base, 'POST', `/api/v1/meetings/${code}/join`, { token: user.token, body: {} })
      const socket = await connect(t, base, code, await ticketFor(base, code, user.token))
      outcomes.push(await socket.opened)
    }
    t.strictSame(outcomes, ['open', 'open', 'open', 'open', 'open', 429])
  })

  await t.test('a logout at one closes the socket at the other', async (t) => {
    const account = await signUp(one.url)
    const user = await signIn(one.url, account)
    const code = await newRoom(two.url, user.token)
    const socket = await connect(t, two.url, code, await ticketFor(two.url, code, user.token))
    await socket.next('welcome')
    await send(one.url, 'POST', '/api/v1/auth/logout-all', { token: user.token })
    t.equal(await socket.closed, 4401)
  })
})
