import t from 'tap'
import { send } from '../support/client.ts'
import { listen } from '../support/meeting-app.ts'
import { createDatabase, startPostgres } from '../support/postgres.ts'
import { startRedisCluster } from '../support/redis-cluster.ts'
import { connect, type Frame, ticketFor } from '../support/socket-client.ts'
import { until } from '../support/states.ts'

const saying = (text: string) => (frame: Frame) => frame.source_text === text

/** Does it again while a dependency is down, as a client does: on a machine that is busy Redis may miss its budget. */
async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (!/SERVICE_UNAVAILABLE|closed 4503/.test(String(error))) throw error
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
}

t.test('two processes on a Redis Cluster', async (t) => {
  const cluster = await startRedisCluster(t, { replica: true })
  const shared = process.env.TEST_DATABASE_URL
  const databaseUrl = shared ? await createDatabase(shared) : await (await startPostgres(t)).createDatabase()
  const settings = { redisUrl: cluster.url, databaseUrl }
  const one = await listen(t, settings)
  const two = await listen(t, settings)
  const [ben, ana] = [await one.user('en'), await two.user('es')]
  // Rooms enough that every server has some.
  const codes = await Promise.all(Array.from({ length: 6 }, () => patiently(() => one.room(ben))))
  const [code = ''] = codes

  await t.test('captions reach the other process, wherever the keys of the room are', async (t) => {
    for (const each of codes) {
      await patiently(() => two.join(each, ana.token))
      const speaker = await patiently(() => one.enter(each, ben.token))
      const reader = await patiently(() => two.enter(each, ana.token))
      speaker.send({ type: 'say', text: 'Good morning.' })
      const [said, read] = await Promise.all([speaker.next('caption'), reader.next('caption')])
      t.match(said, { text: 'Good morning.', status: 'original' })
      t.match(read, { source_text: 'Good morning.', language: 'es', status: 'translated', seq: said.seq })
      for (const socket of [speaker, reader]) socket.close()
      await Promise.all([speaker.closed, reader.closed])
    }
  })

  await t.test('one limit over both, and a ticket is good once', async (t) => {
    const limited = await Promise.all([0, 1].map(() => listen(t, { ...settings, rateLimitAuthPerMinute: 10 })))
    const statuses: number[] = []
    for (let i = 0; i < 12; i++) {
      const body = { email: `nobody-${i}@example.org`, password: 'not the password' }
      statuses.push((await send(limited[i % 2]?.base ?? '', 'POST', '/api/v1/auth/login', { body })).status)
    }
    t.strictSame(statuses, [...Array(10).fill(401), 429, 429])
    const ticket = await patiently(() => ticketFor(one.base, code, ben.token))
    const outcomes = await Promise.all(
      [one, two].map(async ({ base }) => (await connect(t, base, code, ticket)).opened),
    )
    t.strictSame(outcomes.map(String).sort(), ['401', 'open'])
  })

  await t.test('a logout at one closes the sockets at the other', async (t) => {
    const user = await one.user()
    const room = await patiently(() => one.room(user))
    const socket = await patiently(() => two.enter(room, user.token))
    await one.post('/api/v1/auth/logout-all', user.token)
    t.equal(await socket.closed, 4401)
    t.equal((await send(two.base, 'GET', '/api/v1/users/me', { token: user.token })).status, 401)
  })

  await t.test('a server lost: sockets stay, its replica takes over, and captions flow again, in order', async (t) => {
    const speaker = await patiently(() => one.enter(code, ben.token))
    const reader = await patiently(() => two.enter(code, ana.token))
    await cluster.primaries[0]?.kill()
    const before = Math.max(0, ...reader.frames.map(({ seq }) => seq ?? 0))
    await until(async () => {
      const health = await Promise.all(
        [one, two].map(({ base }) => send<{ dependencies: { redis: { status: string } } }>(base, 'GET', '/health')),
      )
      return (
        health.every(({ body }) => body.dependencies.redis.status === 'up') &&
        String(await cluster.replica?.call('ROLE')).startsWith('master')
      )
    })
    let read: Frame | null = null
    for (let i = 0; !read; i++) {
      const text = `Take ${i}.`
      speaker.send({ type: 'say', text })
      const answer = await speaker.next((frame) => frame.type === 'error' || frame.source_text === text)
      if (answer.type === 'caption') read = await reader.next(saying(text))
      else await new Promise((resolve) => setTimeout(resolve, 200))
    }
    t.ok(Number(read.seq) > before, 'the numbers never go back')
    t.strictSame([speaker.ws.readyState, reader.ws.readyState], [1, 1])
    await until(async () => (await two.post(`/api/v1/meetings/${code}/end`, ben.token)) === 204)
    t.strictSame(await Promise.all([speaker.closed, reader.closed]), [4410, 4410])
  })
})
