import { once } from 'node:events'
import { connect } from 'node:net'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { buildTestApp, captureLog } from '../helper.ts'
import { backends } from '../support/backends.ts'
import { newUser } from '../support/client.ts'
import { readExposition } from '../support/exposition.ts'
import { listen } from '../support/meeting-app.ts'
import { startPostgres } from '../support/postgres.ts'
import { startRedis } from '../support/redis.ts'
import { openRedisState } from '../support/states.ts'

const TOKEN = 'a-token-for-scrapers-1234567890'

async function read(app: FastifyInstance) {
  const answer = await app.inject('/metrics')
  if (answer.statusCode !== 200) throw new Error(`/metrics answered ${answer.statusCode}: ${answer.body}`)
  return readExposition(answer.body)
}

t.test('without a token it is for the machine itself, in development', async (t) => {
  const app = await buildTestApp(t, { config: { trustedProxies: ['127.0.0.1'] } })
  const answer = await app.inject('/metrics')
  t.equal(answer.statusCode, 200)
  t.equal(answer.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
  t.equal(answer.headers['cache-control'], 'no-store')
  for (const remoteAddress of ['192.0.2.1', '10.0.0.1', '2001:db8::1'])
    t.match(await app.inject({ url: '/metrics', remoteAddress }), { statusCode: 404 }, remoteAddress)
  const forwarded = await app.inject({ url: '/metrics', headers: { 'x-forwarded-for': '192.0.2.1' } })
  t.equal(forwarded.json().code, 'NOT_FOUND', 'nor for whom a proxy on it speaks')
})

t.test('with a token it asks everybody for it', async (t) => {
  const { logger, lines, of } = captureLog()
  const app = await buildTestApp(t, { config: { metricsToken: TOKEN }, overrides: { logger } })
  const ask = (authorization?: string) =>
    app.inject({ url: '/metrics', headers: authorization ? { authorization } : {}, remoteAddress: '192.0.2.1' })
  t.equal((await ask(`Bearer ${TOKEN}`)).statusCode, 200)
  const user = app.services.tokens.issueAccess('00000000-0000-4000-8000-000000000000', 'x').token
  for (const wrong of [
    undefined,
    'Bearer',
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(1)}`,
    `Basic ${TOKEN}`,
    `Bearer ${user}`,
  ]) {
    const answer = await ask(wrong)
    t.match(answer.json(), { status: 'error', code: 'UNAUTHENTICATED', request_id: String }, wrong ?? 'none')
    t.equal(answer.statusCode, 401)
    t.equal(answer.headers['www-authenticate'], 'Bearer')
  }
  t.equal((await app.inject(`/metrics?token=${TOKEN}`)).statusCode, 401, 'nor is it taken from the URL')
  t.match(of('security')[0], { action: 'metrics', outcome: 'refused', subject: 'ip:192.0.2.1' })
  t.notMatch(lines.join('\n'), TOKEN)
})

t.test('outside development nothing is served where nothing is set', async (t) => {
  const backend = backends.find(({ name }) => name === 'distributed')
  const urls = await backend?.open(t)
  // In development the tables are made.
  await (await buildTestApp(t, { config: { ...urls } })).close()
  for (const [config, status] of [
    [{ environment: 'staging' }, 404],
    [{ environment: 'staging', metricsPort: 9464 }, 404],
    [{ environment: 'staging', metricsToken: TOKEN }, 401],
    [{ environment: 'development', metricsPort: 9464 }, 404],
  ] as const) {
    const app = await buildTestApp(t, { config: { ...urls, ...config } })
    t.equal((await app.inject('/metrics')).statusCode, status, JSON.stringify(config))
    const { paths } = (await app.inject('/openapi.json')).json()
    t.equal('/metrics' in paths, status === 401)
  }
})

t.test('scrapers are not limited, and nobody else’s limit is touched', async (t) => {
  const app = await buildTestApp(t, { config: { rateLimitDefaultPerMinute: 1 } })
  for (let i = 0; i < 5; i++) t.equal((await app.inject('/metrics')).statusCode, 200)
  t.equal((await app.inject('/health')).statusCode, 200)
  t.equal((await app.inject('/health')).statusCode, 429)
  const { value } = await read(app)
  t.equal(value('fluentmeet_limit_refused_total', { limit: 'default' }), 1)
  t.equal(value('fluentmeet_limit_refused_total', { limit: 'auth' }), 0, 'each limit is there from the start')
  t.equal(value('fluentmeet_security_events_total', { action: 'rate_limit', outcome: 'refused' }), 1)
})

t.test('requests are counted by the pattern of their route, never by what was asked for', async (t) => {
  const app = await buildTestApp(t)
  const code = 'secret-room-code-0123456789'
  for (const url of [`/api/v1/meetings/${code}`, `/${code}`, `/api/v1/nothing/${code}?x=${code}`, '/%zz'])
    await app.inject(url)
  await app.inject({ method: 'PROPFIND' as 'GET', url: '/livez' })
  await app.inject('/livez')
  const { samples, value } = await read(app)
  const requests = (labels: Record<string, string>) => value('fluentmeet_http_requests_total', labels)
  t.equal(requests({ method: 'GET', route: '/api/v1/meetings/:room_code', status: '401' }), 1)
  t.equal(requests({ method: 'GET', route: '(unmatched)', status: '404' }), 2)
  t.equal(requests({ method: 'GET', route: '/livez', status: '200' }), 1)
  t.equal(requests({ method: 'other' }), 1, 'methods that no route has')
  t.notMatch(JSON.stringify(samples), code)
  const duration = (name: string, labels: Record<string, string>) =>
    value(`fluentmeet_http_request_seconds_${name}`, { route: '/livez', method: 'GET', ...labels })
  t.equal(duration('count', {}), 1)
  t.equal(duration('bucket', { le: '+Inf' }), 1)
  t.ok((duration('sum', {}) ?? 0) > 0)
  const upTo = samples
    .filter(
      ({ name, labels }) =>
        name.endsWith('request_seconds_bucket') && labels.route === '/livez' && labels.method === 'GET',
    )
    .map((sample) => sample.value)
  t.strictSame(
    upTo,
    upTo.toSorted((a, b) => a - b),
    'buckets hold those before them',
  )
})

t.test('what cannot be read at all is counted', async (t) => {
  const app = await buildTestApp(t)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const socket = connect((app.server.address() as { port: number }).port, '127.0.0.1')
  socket.end('nonsense\r\n\r\n')
  socket.resume()
  await once(socket, 'close')
  t.equal((await read(app)).value('fluentmeet_http_requests_total', { route: '(unparsed)', status: '400' }), 1)
})

t.test('sockets, rooms and captions', async (t) => {
  const app = await listen(t, { metricsToken: TOKEN })
  const scrape = async () =>
    readExposition(await (await fetch(`${app.base}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })).text())
  const host = await app.user('en')
  const code = await app.room(host)
  const speaker = await app.enter(code, host.token)
  const reader = await app.join(code, undefined, {
    display_name: 'Bo',
    speaking_language: 'es',
    listening_language: 'es',
  })
  const readers = await app.enter(code, reader.guest_token ?? '')
  speaker.send({ type: 'say', text: 'good', id: 'one', final: false })
  await readers.next('caption')
  speaker.send({ type: 'say', text: 'good morning', id: 'one', revision: 1 })
  await readers.next('caption')
  const open = await scrape()
  t.equal(open.value('fluentmeet_sockets_open', { where: 'room' }), 2)
  t.equal(open.value('fluentmeet_sockets_open', { where: 'lobby' }), 0)
  t.equal(open.value('fluentmeet_rooms_open'), 1)
  for (const kind of ['final', 'interim']) {
    t.equal(open.value('fluentmeet_captions_total', { kind, status: 'original' }), 1, kind)
    t.equal(open.value('fluentmeet_captions_total', { kind, status: 'translated' }), 1, kind)
    t.equal(open.value('fluentmeet_captions_total', { kind, status: 'untranslated' }), 0, kind)
    t.equal(open.value('fluentmeet_caption_seconds_count', { kind }), 1)
  }
  t.ok((open.value('fluentmeet_pipeline_engine_seconds_count', { stage: 'translation' }) ?? 0) >= 1)
  t.equal(open.value('fluentmeet_pipeline_circuit_open'), 0)
  readers.ws.close(4999)
  speaker.close()
  await Promise.all([readers.closed, speaker.closed])
  const sockets = async () => (await scrape()).value('fluentmeet_sockets_open')
  while ((await sockets()) !== 0) await new Promise((resolve) => setTimeout(resolve, 20))
  const closed = await scrape()
  t.equal(closed.value('fluentmeet_sockets_closed_total', { code: '1000' }), 1)
  t.equal(closed.value('fluentmeet_sockets_closed_total', { code: 'other' }), 1, 'a code that a client made up')
  t.equal(closed.value('fluentmeet_http_requests_total', { status: '101' }), 2)
})

t.test('a sixth socket is counted as refused', async (t) => {
  const app = await listen(t, { maxSocketsPerUser: 1 })
  const host = await app.user()
  const code = await app.room(host)
  await app.enter(code, host.token)
  t.equal((await app.open(code, host.token)).refusal?.status, 429)
  const { value } = readExposition(await (await fetch(`${app.base}/metrics`)).text())
  t.equal(value('fluentmeet_limit_refused_total', { limit: 'sockets' }), 1)
})

for (const backend of backends) {
  t.test(`what waits, and on what the process stands: ${backend.name}`, async (t) => {
    const app = await buildTestApp(t, { backend })
    const base = await app.listen({ port: 0, host: '127.0.0.1' })
    const before = await read(app)
    const isShared = backend.name === 'distributed'
    t.equal(before.value('fluentmeet_redis_up'), isShared ? 1 : undefined)
    t.equal((before.value('fluentmeet_redis_round_trip_seconds') ?? 0) > 0, isShared)
    t.equal(before.value('fluentmeet_database_up'), 1)
    t.equal((before.value('fluentmeet_database_connections', { state: 'total' }) ?? 0) > 0, isShared)
    for (const name of ['waiting', 'pending', 'oldest_seconds', 'dead_letters'])
      t.equal(before.value(`fluentmeet_votes_${name}`), 0, name)
    t.equal(before.value('fluentmeet_mail_waiting'), 0)
    t.equal(before.value('fluentmeet_mail_oldest_seconds'), 0)
    t.equal(before.value('fluentmeet_passwords', { state: 'waiting' }), 0)

    await newUser(base)
    await app.services.mailWorker.close()
    await newUser(base)
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    const after = await read(app)
    t.equal(after.value('fluentmeet_mail_waiting'), 1)
    t.ok((after.value('fluentmeet_mail_oldest_seconds') ?? 0) > 0)
    t.equal(after.value('fluentmeet_security_events_total', { action: 'login', outcome: 'success' }), 2)
  })
}

t.test('the process itself, under the usual names', async (t) => {
  const app = await buildTestApp(t)
  await read(app)
  const { value, samples } = await read(app)
  for (const name of [
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
    'process_open_fds',
    'nodejs_heap_size_used_bytes',
  ])
    t.ok((value(name) ?? 0) > 0, name)
  for (const name of ['mean', 'p50', 'p99', 'max']) {
    const seconds = value(`nodejs_eventloop_lag_${name}_seconds`) ?? -1
    t.ok(seconds >= 0, `${name}: ${seconds}`)
  }
  const utilization = value('nodejs_eventloop_utilization') ?? -1
  t.ok(utilization >= 0 && utilization <= 1)
  t.match(
    samples.find(({ name }) => name === 'fluentmeet_build_info'),
    { value: 1, labels: { version: /^\d+\.\d+\.\d+/, node: process.version } },
  )
})

t.test('what is gone is told as gone, and not as it was before', async (t) => {
  const [redis, postgres] = [await startRedis(t), await startPostgres(t)]
  const databaseUrl = await postgres.createDatabase()
  const state = await openRedisState(t, redis.url, { budgetMs: 300 })
  const app = await buildTestApp(t, { config: { redisUrl: redis.url, databaseUrl }, overrides: { state } })
  t.equal((await read(app)).value('fluentmeet_redis_up'), 1)
  await redis.kill()
  await postgres.stop()
  while (state.status() === 'up') await new Promise((resolve) => setTimeout(resolve, 20))
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  await app.inject('/health')
  const gone = await read(app)
  t.equal(gone.value('fluentmeet_redis_up'), 0)
  t.equal(gone.value('fluentmeet_database_up'), 0)
  for (const name of ['redis_round_trip_seconds', 'votes_waiting', 'votes_oldest_seconds', 'mail_waiting'])
    t.equal(gone.value(`fluentmeet_${name}`), undefined, name)
  t.equal(gone.value('fluentmeet_limit_alone_total'), 1)
  await redis.start()
  while (state.status() !== 'up') await new Promise((resolve) => setTimeout(resolve, 20))
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  const back = await read(app)
  t.equal(back.value('fluentmeet_redis_up'), 1)
  t.ok((back.value('fluentmeet_redis_recoveries_total') ?? 0) >= 1)
  t.equal(back.value('fluentmeet_votes_waiting'), 0)
})

t.test('two apps in one process count for themselves', async (t) => {
  const [one, other] = [await buildTestApp(t), await buildTestApp(t)]
  await one.inject('/livez')
  t.equal((await read(one)).value('fluentmeet_http_requests_total', { route: '/livez' }), 1)
  t.equal((await read(other)).value('fluentmeet_http_requests_total', { route: '/livez' }), undefined)
})
