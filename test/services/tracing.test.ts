import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { AppError } from '../../errors.ts'
import { createLogger } from '../../logger.ts'
import { parseTraceparent } from '../../services/tracing/traceparent.ts'
import { openTracing, type TracingLog } from '../../services/tracing.ts'
import { buildTestApp, testConfig } from '../helper.ts'
import { newUser } from '../support/client.ts'
import { startCollector } from '../support/collector.ts'
import { listen } from '../support/meeting-app.ts'
import { joined, recording, silence } from '../support/recordings.ts'
import { AUDIO_START, speakLive } from '../support/speaking.ts'
import { until } from '../support/states.ts'

const silent = { info: () => undefined, warn: () => undefined }

async function open(t: Test, settings = {}, log: TracingLog = silent) {
  const collector = await startCollector(t)
  const config = testConfig({ otelExporterOtlpEndpoint: collector.url, ...settings })
  const tracing = await openTracing(config, log)
  t.teardown(() => tracing.close())
  return { collector, tracing }
}

t.test('spans hang where the work was done, also when it goes on later', async (t) => {
  const { collector, tracing } = await open(t, { otelServiceName: 'meetings' })
  const later = Promise.withResolvers<void>()
  await tracing.run('outer', { attributes: { a: 1, b: 'two', c: true } }, async (span) => {
    t.equal(
      tracing.run('inner', {}, () => 'value'),
      'value',
    )
    await sleep(1)
    tracing.run('after a pause', {}, () => undefined)
    tracing.run('elsewhere', { parent: null }, () => undefined)
    void later.promise.then(() => tracing.run('after the end', {}, () => undefined))
    span.set({ d: 'later' })
  })
  t.equal(tracing.ids(), undefined, 'nothing is current outside')
  tracing.run('alone', {}, () => undefined)
  later.resolve()
  await later.promise
  await tracing.close()
  const outer = await collector.span(({ name }) => name === 'outer')
  t.match(outer, { parentSpanId: '', failed: false, attributes: { a: 1, b: 'two', c: true, d: 'later' } })
  t.match(outer.resource, { 'service.name': 'meetings', 'deployment.environment.name': 'development' })
  for (const name of ['inner', 'after a pause', 'after the end'])
    t.match(
      await collector.span((span) => span.name === name),
      { traceId: outer.traceId, parentSpanId: outer.spanId },
      name,
    )
  for (const name of ['elsewhere', 'alone']) {
    const span = await collector.span((one) => one.name === name)
    t.equal(span.parentSpanId, '', name)
    t.not(span.traceId, outer.traceId)
  }
})

t.test('what failed is told by its kind, and not in its words', async (t) => {
  const { collector, tracing } = await open(t)
  const secret = 'ana@example.org'
  t.throws(
    () =>
      tracing.run('at once', {}, () => {
        throw new AppError('CONFLICT', secret)
      }),
    { code: 'CONFLICT' },
  )
  await t.rejects(
    tracing.run('later', {}, () => Promise.reject(new TypeError(secret))),
    TypeError,
  )
  await tracing.close()
  t.match(await collector.span(({ name }) => name === 'at once'), {
    failed: true,
    attributes: { 'error.type': 'CONFLICT' },
  })
  t.match(await collector.span(({ name }) => name === 'later'), {
    failed: true,
    attributes: { 'error.type': 'TypeError' },
  })
  t.notMatch(collector.everything(), secret)
})

t.test('a trace goes on from a traceparent, and nothing else is taken for one', async (t) => {
  const { collector, tracing } = await open(t)
  const traceparent = tracing.run('here', {}, () => tracing.traceparent()) ?? ''
  t.match(traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  tracing.run('there', { parent: traceparent }, () => t.match(tracing.ids(), { trace_id: traceparent.split('-')[1] }))
  tracing.run('nowhere', { parent: 'nonsense' }, () => undefined)
  await tracing.close()
  t.match(await collector.span(({ name }) => name === 'there'), {
    traceId: traceparent.split('-')[1],
    parentSpanId: traceparent.split('-')[2],
  })
  t.match(await collector.span(({ name }) => name === 'nowhere'), { parentSpanId: '' })
  for (const wrong of [
    '',
    '00-0-0-01',
    `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`,
    `01-${'1'.repeat(32)}-${'1'.repeat(16)}-01`,
  ])
    t.equal(parseTraceparent(wrong), null, wrong)
})

t.test('the sampler is as it was set', async (t) => {
  const recorded = async (otelTracesSampler: string, otelTracesSamplerArg: string | null = null) => {
    const { tracing } = await open(t, { otelTracesSampler, otelTracesSamplerArg })
    const remote = `00-${'1'.repeat(32)}-${'1'.repeat(16)}`
    const is = (parent: string | null) => tracing.run('x', { parent }, () => tracing.traceparent() !== undefined)
    let some = 0
    for (let i = 0; i < 400; i++) if (is(null)) some++
    return { some, recordedParent: is(`${remote}-01`), unrecordedParent: is(`${remote}-00`) }
  }
  t.match(await recorded('always_on'), { some: 400, unrecordedParent: true })
  t.match(await recorded('always_off'), { some: 0, recordedParent: false })
  t.match(await recorded('parentbased_always_on'), { some: 400, recordedParent: true, unrecordedParent: false })
  t.match(await recorded('parentbased_always_off'), { some: 0, recordedParent: true, unrecordedParent: false })
  const { some, recordedParent } = await recorded('parentbased_traceidratio', '0.25')
  t.ok(some > 40 && some < 180, `${some} of 400`)
  t.ok(recordedParent)
  t.match(await recorded('traceidratio'), { some: 400 })
})

t.test('a request is a trace: by its route, with what engines did; log lines have its ids', async (t) => {
  const collector = await startCollector(t)
  const lines: string[] = []
  const config = { otelExporterOtlpEndpoint: collector.url, otelExporterOtlpHeaders: 'x-key=a%20key' }
  const tracing = await openTracing(testConfig(config), silent)
  const logger = createLogger({ logLevel: 'info' }, { write: (line: string) => void lines.push(line) }, tracing)
  const app = await listen(t, config, { tracing, logger })
  const user = await app.user()
  const spoken = { text: 'good morning to everybody', source_language: 'en', target_language: 'es' }
  const foreign = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
  const answer = await fetch(`${app.base}/api/v1/pipeline/translations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${user.token}`, 'content-type': 'application/json', traceparent: foreign },
    body: JSON.stringify(spoken),
  })
  t.equal(answer.status, 200)
  await fetch(`${app.base}/api/v1/meetings/a-room-code-that-nobody-has?x=a-secret-in-a-query`)
  await fetch(`${app.base}/livez`)
  await app.close()
  await tracing.close()

  const request = await collector.span(({ name }) => name === 'POST /api/v1/pipeline/translations')
  t.match(request, { kind: 2, parentSpanId: '', failed: false })
  t.match(request.attributes, {
    'http.request.method': 'POST',
    'http.route': '/api/v1/pipeline/translations',
    'http.response.status_code': 200,
    request_id: answer.headers.get('x-request-id'),
  })
  t.not(request.traceId, 'a'.repeat(32), 'what a stranger says begins no trace')
  const engine = await collector.span(
    ({ name, traceId }) => name === 'engine translation' && traceId === request.traceId,
  )
  t.match(engine, { parentSpanId: request.spanId, attributes: { 'fluentmeet.engine': 'apertium' } })
  t.match(await collector.span(({ name }) => name === 'GET /api/v1/meetings/:room_code'), {
    attributes: { 'http.response.status_code': 401 },
  })
  t.notOk(
    collector.spans().some(({ name }) => name.includes('livez')),
    'probes are no traces',
  )
  const line = lines.map((text) => JSON.parse(text)).find(({ route }) => route === '/api/v1/pipeline/translations')
  t.match(line, { trace_id: request.traceId, span_id: request.spanId })
  t.equal(collector.received[0]?.headers['x-key'], 'a key')
  for (const secret of [spoken.text, user.email, user.token, user.password, 'a-room-code', 'a-secret'])
    t.notOk(collector.everything().includes(secret), 'nothing that people say or keep secret')
})

t.test('what is said aloud is a trace from its end to its captions', { timeout: 180_000 }, async (t) => {
  const collector = await startCollector(t)
  const app = await listen(t, { sttEngine: 'embedded', otelExporterOtlpEndpoint: collector.url })
  const [ben, ana] = [await app.user('en'), await app.user('es')]
  const code = await app.room(ben)
  await app.join(code, ana.token)
  const [speaker, listener] = [await app.enter(code, ben.token), await app.enter(code, ana.token)]
  const { samples } = await recording('en-only-person')
  speaker.send(AUDIO_START)
  await speakLive(speaker, joined(samples, silence(1)))
  await listener.next((frame) => frame.type === 'caption' && frame.final === true, 90_000)
  const utterance = await collector.span(({ name }) => name === 'speech utterance')
  t.equal(utterance.parentSpanId, '')
  t.ok(Number(utterance.attributes['fluentmeet.speech_seconds']) > 1)
  const inTrace = (wanted: string, parent: { spanId: string }) =>
    collector.span(
      ({ name, traceId, parentSpanId }) =>
        name === wanted && traceId === utterance.traceId && parentSpanId === parent.spanId,
    )
  const caption = await inTrace('caption', utterance)
  t.match(caption.attributes, { 'fluentmeet.final': true })
  const append = await inTrace('caption append', caption)
  t.match(await inTrace('caption deliver', append), { kind: 5 })
  t.notMatch(collector.everything(), /only person/i)
})

for (const mood of ['hang', 'reset', { status: 500 }] as const) {
  t.test(`a collector that does not take traces disturbs nothing: ${JSON.stringify(mood)}`, async (t) => {
    const told: string[] = []
    const log = {
      info: (_: object, message: string) => void told.push(message),
      warn: (_: object, message: string) => void told.push(message),
    }
    const { collector, tracing } = await open(t, {}, log)
    collector.behave(mood)
    const app = await buildTestApp(t, { overrides: { tracing } })
    const base = await app.listen({ port: 0, host: '127.0.0.1' })
    await newUser(base)
    for (let i = 0; i < 3_000; i++) tracing.run('flood', {}, () => undefined)
    t.equal((await fetch(`${base}/health`)).status, 200)
    if (mood !== 'hang') {
      await until(() => told.length > 0)
      t.equal(told[0], 'traces cannot be sent')
    }
    let ended = false
    const closing = tracing.close().then(() => (ended = true))
    await closing
    t.ok(ended, 'and does not keep it from ending')
    t.ok(told.filter((line) => line === 'traces cannot be sent').length <= 1, 'said once')
  })
}

t.test('without an endpoint nothing of OpenTelemetry is loaded; with one it is', async (t) => {
  const load = (settings: object) => {
    const script = join(import.meta.dirname, '..', 'support', 'loaded-packages.ts')
    const { stdout, stderr, status } = spawnSync(process.execPath, [script, JSON.stringify(settings)], {
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(stderr)
    return stdout.trim().split('\n')
  }
  const without = load({})
  // The interfaces alone come with prom-client.
  t.ok(without.includes('fastify') && without.includes('prom-client'))
  t.strictSame(
    without.filter((name) => name.startsWith('@opentelemetry/') && name !== '@opentelemetry/api'),
    [],
  )
  const { url } = await startCollector(t)
  t.ok(load({ otelExporterOtlpEndpoint: url }).includes('@opentelemetry/sdk-trace'))
})
