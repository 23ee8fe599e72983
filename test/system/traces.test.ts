import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { newRoom, newUser, send } from '../support/client.ts'
import { startCollector } from '../support/collector.ts'
import { createDatabase, startPostgres } from '../support/postgres.ts'
import { startRedis } from '../support/redis.ts'
import { startServer } from '../support/server-process.ts'
import { connect, ticketFor } from '../support/socket-client.ts'

/** Two server processes on one Redis and one PostgreSQL, that tell a collector of traces. */
async function startTraced(t: Test) {
  const collector = await startCollector(t)
  const redis = await startRedis(t)
  const shared = process.env.TEST_DATABASE_URL
  const settings = {
    REDIS_URL: redis.url,
    DATABASE_URL: shared ? await createDatabase(shared) : await (await startPostgres(t)).createDatabase(),
    SECRET_KEY: randomBytes(32).toString('base64url'),
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_SERVICE_NAME: 'fluentmeet-test',
  }
  const [one, two] = [await startServer(t, settings), await startServer(t, settings)]
  return { collector, one, two }
}

t.test('one trace, from the frame at one process to the captions at both', { timeout: 120_000 }, async (t) => {
  const { collector, one, two } = await startTraced(t)
  const [ben, ana] = [await newUser(one.url, 'en'), await newUser(two.url, 'es')]
  const code = await newRoom(one.url, ben.token)
  await send(two.url, 'POST', `/api/v1/meetings/${code}/join`, { token: ana.token })
  const speaker = await connect(t, one.url, code, await ticketFor(one.url, code, ben.token))
  const listener = await connect(t, two.url, code, await ticketFor(two.url, code, ana.token))
  const second = await connect(t, two.url, code, await ticketFor(two.url, code, ana.token))
  await Promise.all([speaker, listener, second].map((socket) => socket.next('welcome')))
  const text = 'good morning, my secret friends'
  speaker.send({ type: 'say', text, id: 'draft', final: false })
  const interim = await listener.next('caption')
  speaker.send({ type: 'say', text, id: 'one' })
  const read = await listener.next((frame) => frame.id === 'one')
  const own = await speaker.next((frame) => frame.id === 'one')
  t.match(read, { status: 'translated', language: 'es' })
  listener.send({ type: 'resume', after_seq: 0 })
  const late = await connect(t, one.url, code, await ticketFor(one.url, code, ben.token))
  await late.next('welcome')
  late.send({ type: 'resume', after_seq: 0 })
  const replayed = await late.next((frame) => frame.id === 'one')
  for (const frame of [interim, read, own, replayed]) t.notOk('trace' in frame, 'no client is told of it')

  const of = (server: typeof one) => ({
    'service.name': 'fluentmeet-test',
    'service.instance.id': new RegExp(`:${server.child.pid}$`),
  })
  const append = await collector.span(({ name }) => name === 'caption append')
  const { traceId } = append
  const child = (wanted: string, parentSpanId: string, of: (resource: string) => boolean = () => true) =>
    collector.span(
      (span) =>
        span.name === wanted &&
        span.traceId === traceId &&
        span.parentSpanId === parentSpanId &&
        of(String(span.resource['service.instance.id'])),
    )
  const frame = await child('socket say', '')
  t.match(frame, { kind: 2, resource: of(one), attributes: { 'fluentmeet.frame': 'say' } })
  const caption = await child('caption', frame.spanId)
  t.match(append, { kind: 4, parentSpanId: caption.spanId, resource: of(one) })
  const isOf = (server: typeof one) => (instance: string) => instance.endsWith(`:${server.child.pid}`)
  const there = await child('caption deliver', append.spanId, isOf(two))
  t.match(there, { kind: 5, attributes: { 'fluentmeet.language': 'es', 'fluentmeet.listeners': 2 } })
  const here = await child('caption deliver', append.spanId, isOf(one))
  t.match(here, { attributes: { 'fluentmeet.language': 'en', 'fluentmeet.listeners': 1 } })
  const deliveries = collector.spans().filter((span) => span.name === 'caption deliver' && span.traceId === traceId)
  t.equal(deliveries.length, 2, 'one for each language and process, not for each listener')

  const sent = await collector.span(({ name }) => name === 'caption send')
  t.not(sent.traceId, traceId, 'each frame is a trace of its own')
  const engine = await collector.span(({ name }) => name === 'engine translation')
  t.match(engine, { traceId: sent.traceId, attributes: { 'fluentmeet.engine': 'apertium' } })

  speaker.send({ type: 'ping' })
  speaker.send({ type: 'state.set', hand: true })
  await listener.next('participant.updated')
  t.equal(await one.stop(), 0)
  t.ok(await collector.span(({ name }) => name === 'socket state.set'), 'what is left is sent before the end')
  t.notOk(collector.spans().some(({ name }) => name === 'socket ping'))
  const lines = one.lines.flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []))
  const request = await collector.span(({ name }) => name === 'POST /api/v1/meetings/:room_code/ws-ticket')
  t.ok(lines.some(({ trace_id }) => trace_id === request.traceId))
  for (const secret of [text, 'secret friends', ben.email, ana.email, code, ben.token])
    t.notOk(collector.everything().includes(secret))
})

t.test('with a collector that hangs a process works, and ends in time', { timeout: 120_000 }, async (t) => {
  const collector = await startCollector(t)
  collector.behave('hang')
  const server = await startServer(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
  const user = await newUser(server.url)
  const code = await newRoom(server.url, user.token)
  const socket = await connect(t, server.url, code, await ticketFor(server.url, code, user.token))
  await socket.next('welcome')
  socket.send({ type: 'say', text: 'still here' })
  t.match(await socket.next('caption'), { text: 'still here' })
  t.equal(await server.stop(), 0)
  t.match(server.lines.join('\n'), /"closed"/)
  t.notMatch(server.lines.join('\n'), /took too long/)
})

t.test('with no collector at all a process works, and says so once', { timeout: 120_000 }, async (t) => {
  const collector = await startCollector(t)
  await collector.stop()
  const server = await startServer(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
  await newUser(server.url)
  const complaints = () => server.lines.filter((line) => line.includes('traces cannot be sent')).length
  while (complaints() === 0) {
    await fetch(`${server.url}/health`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  t.equal(await server.stop(), 0)
  t.equal(complaints(), 1)
})
