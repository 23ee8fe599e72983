import t from 'tap'
import { newUser, send } from '../support/client.ts'
import { startPostgres } from '../support/postgres.ts'
import { startRedis } from '../support/redis.ts'
import { type ServerProcess, startServer } from '../support/server-process.ts'

interface Health {
  status: string
  dependencies: Record<string, { status: string }>
}

/** Asks until the answer passes; fails after ten seconds' worth of tries. */
async function until<T>(what: string, ask: () => Promise<T>, passes: (answer: T) => boolean): Promise<T> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const answer = await ask()
    if (passes(answer)) return answer
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`never came true: ${what}`)
}

const health = (server: ServerProcess) => send<Health>(server.url, 'GET', '/health')

t.test('Redis killed under load', async (t) => {
  const redis = await startRedis(t)
  const postgres = await startPostgres(t)
  const server = await startServer(t, {
    REDIS_URL: redis.url,
    DATABASE_URL: await postgres.createDatabase(),
    RATE_LIMIT_DEFAULT_PER_MINUTE: '400',
    RATE_LIMIT_AUTH_PER_MINUTE: '20',
  })
  const user = await newUser(server.url)
  const refreshing = { cookie: user.cookie, 'x-csrf-token': user.csrfToken }

  await t.test('no request answers 500 while it dies', async (t) => {
    const statuses = new Map<number, number>()
    for (let batch = 0; batch < 10; batch++) {
      const asked = Promise.all(
        Array.from({ length: 20 }, () => send(server.url, 'GET', '/api/v1/users/me', { token: user.token })),
      )
      // With requests under way.
      if (batch === 3) await redis.kill()
      const answers = await asked
      for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
    t.strictSame([...statuses.keys()], [200], `only 200s: ${JSON.stringify([...statuses])}`)
  })

  await t.test('/health says degraded, by which dependency, and the process stays ready', async (t) => {
    const { body } = await until(
      'degraded',
      () => health(server),
      ({ body }) => body.status === 'degraded',
    )
    t.equal(body.dependencies.redis?.status, 'down')
    t.equal((await send(server.url, 'GET', '/readyz')).status, 200)
  })

  await t.test('limits still hold in the process', async (t) => {
    const statuses: number[] = []
    for (let i = 0; i < 25; i++) {
      const body = { email: `nobody-${i}@example.org`, password: 'not the password' }
      statuses.push((await send(server.url, 'POST', '/api/v1/auth/login', { body })).status)
    }
    t.equal(statuses.filter((status) => status === 401).length, 20)
    t.equal(statuses.filter((status) => status === 429).length, 5)
  })

  await t.test('a refresh is refused, since nobody can say that it is not revoked', async (t) => {
    const refused = await send<{ code: string }>(server.url, 'POST', '/api/v1/auth/refresh-token', {
      headers: refreshing,
    })
    t.equal(refused.status, 503)
    t.equal(refused.body.code, 'SERVICE_UNAVAILABLE')
  })

  await t.test('a logout made meanwhile holds, and still holds when Redis comes back empty', async (t) => {
    t.equal((await send(server.url, 'POST', '/api/v1/auth/logout', { token: user.token })).status, 204)
    t.equal((await send(server.url, 'GET', '/api/v1/users/me', { token: user.token })).status, 401)
    await redis.start()
    await until(
      'recovered',
      () => health(server),
      ({ body }) => body.status === 'ok',
    )
    const refused = await send<{ code: string }>(server.url, 'GET', '/api/v1/users/me', { token: user.token })
    t.equal(refused.body.code, 'TOKEN_REVOKED')
  })
  t.equal(await server.stop(), 0)
})

t.test('PostgreSQL killed: 503 with the error body, and recovery by itself', async (t) => {
  const postgres = await startPostgres(t)
  const redis = await startRedis(t)
  const server = await startServer(t, { REDIS_URL: redis.url, DATABASE_URL: await postgres.createDatabase() })
  const user = await newUser(server.url)
  await postgres.stop()
  const me = () => send<{ code: string; message: string }>(server.url, 'GET', '/api/v1/users/me', { token: user.token })
  for (let i = 0; i < 5; i++) {
    const { status, body } = await me()
    t.equal(status, 503)
    t.equal(body.code, 'SERVICE_UNAVAILABLE')
    t.notMatch(JSON.stringify(body), /postgres|ECONN|127\.0\.0\.1|sql/i, 'says nothing of the inside')
  }
  t.equal((await send(server.url, 'GET', '/livez')).status, 200)
  await until(
    'not ready',
    () => send(server.url, 'GET', '/readyz'),
    ({ status }) => status === 503,
  )
  t.match(
    (
      await until(
        'degraded',
        () => health(server),
        ({ body }) => body.status === 'degraded',
      )
    ).body,
    {
      dependencies: { database: { status: 'down' } },
    },
  )
  await postgres.start()
  await until('served again', me, ({ status }) => status === 200)
  await until(
    'healthy',
    () => health(server),
    ({ body }) => body.status === 'ok',
  )
  t.equal(await server.stop(), 0)
})
