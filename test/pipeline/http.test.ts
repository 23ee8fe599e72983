import { inspect } from 'node:util'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { describeError } from '../../logger.ts'
import type { EngineError } from '../../pipeline/engine-error.ts'
import { createProvider } from '../../pipeline/http.ts'
import { type Mood, startStandIn } from '../support/providers/stand-in.ts'
import { until } from '../support/states.ts'

const KEY = 'sk-very-secret'
const REQUEST = { method: 'POST', path: '/work', json: { text: 'very private' }, maxBytes: 100_000 } as const

async function open(t: { teardown(end: () => Promise<void>): void }, mood: Mood = 'serve') {
  const standIn = await startStandIn(t, () => ({ body: { ok: true } }))
  standIn.behave(mood)
  const headers = { authorization: `Bearer ${KEY}` }
  const provider = createProvider({ engine: 'test', baseUrl: `${standIn.url}/`, headers })
  return {
    standIn,
    provider,
    fail: () =>
      provider.json(REQUEST).then(
        () => null,
        (error: EngineError) => error,
      ),
  }
}

t.test('a request carries the key in a header and nowhere else', async (t) => {
  const { standIn, provider } = await open(t)
  t.same(await provider.json(REQUEST), { ok: true })
  const [received] = standIn.received
  t.match(received, { method: 'POST', path: '/work', headers: { authorization: `Bearer ${KEY}` } })
  t.notMatch(received?.body.toString(), KEY)
})

const echo = { error: `the key ${KEY} may not translate "very private"` }
const statuses: [number, string][] = [
  [401, 'refused'],
  [403, 'refused'],
  [404, 'refused'],
  [456, 'refused'],
  [400, 'rejected'],
  [413, 'rejected'],
  [422, 'rejected'],
  [429, 'busy'],
  [503, 'busy'],
  [500, 'failed'],
  [502, 'failed'],
]
for (const [status, fault] of statuses) {
  t.test(`${status} is ${fault}, and says nothing of the key or the text`, async (t) => {
    const { fail } = await open(t, { status, body: echo })
    const error = await fail()
    t.match(error, { name: 'EngineError', fault, message: `test: answered ${status}` })
    for (const shown of [inspect(error, { depth: 9 }), JSON.stringify(describeError(error))]) {
      t.notMatch(shown, KEY)
      t.notMatch(shown, 'very private')
    }
  })
}

t.test('Retry-After is read, in seconds and as a date', async (t) => {
  const { standIn, fail } = await open(t, { status: 429, headers: { 'retry-after': '7' } })
  t.equal((await fail())?.retryAfterMs, 7000)
  standIn.behave({ status: 503, headers: { 'retry-after': new Date(Date.now() + 60_000).toUTCString() } })
  const ms = (await fail())?.retryAfterMs ?? 0
  t.ok(ms > 0 && ms <= 60_000)
  standIn.behave({ status: 503, headers: { 'retry-after': 'soon' } })
  t.equal((await fail())?.retryAfterMs, null)
})

t.test('a redirect is not followed: nobody else gets the key or the text', async (t) => {
  const elsewhere = await startStandIn(t, () => ({ body: { ok: true } }))
  for (const status of [301, 302, 307, 308]) {
    const { fail } = await open(t, { status, headers: { location: `${elsewhere.url}/work` } })
    t.match(await fail(), { fault: 'refused', message: `test: answered ${status}` })
  }
  t.equal(elsewhere.received.length, 0)
})

t.test('no connection, and one that is reset before the answer, are unreachable', async (t) => {
  const { standIn, fail } = await open(t, 'reset')
  t.match(await fail(), { fault: 'unreachable' })
  await standIn.stop()
  t.match(await fail(), { fault: 'unreachable', message: /ECONNREFUSED/ })
})

t.test('an answer that breaks off is a failure that is not sent again', async (t) => {
  const { fail } = await open(t, 'cut')
  t.match(await fail(), { fault: 'failed' })
})

t.test('what is no JSON is garbage', async (t) => {
  const { fail } = await open(t, { body: '<html>very private' })
  const error = await fail()
  t.match(error, { fault: 'garbage' })
  t.notMatch(inspect(error), 'very private')
})

t.test('an answer that is too large is not read on, packed or not', async (t) => {
  const { standIn, fail } = await open(t, 'endless')
  t.match(await fail(), { fault: 'garbage', message: /more than 100000 bytes/ })
  await until(() => standIn.abandoned === 1)
  const body = gzipSync(Buffer.alloc(50_000_000))
  standIn.behave({ headers: { 'content-encoding': 'gzip' }, body })
  t.ok(body.length < 100_000)
  t.match(await fail(), { fault: 'garbage', message: /more than 100000 bytes/ })
})

t.test('work stops when the signal aborts, before, during and after the headers', async (t) => {
  const { standIn, provider } = await open(t, 'hang')
  await t.rejects(provider.json({ ...REQUEST, signal: AbortSignal.abort() }), { name: 'AbortError' })
  t.equal(standIn.received.length, 0)
  const gone = new AbortController()
  const waiting = t.rejects(provider.json({ ...REQUEST, signal: gone.signal }), { name: 'AbortError' })
  await until(() => standIn.received.length === 1)
  gone.abort()
  await waiting
  await until(() => standIn.abandoned === 1)
  standIn.behave('endless')
  const late = new AbortController()
  const reading = provider.json({ ...REQUEST, maxBytes: Number.MAX_SAFE_INTEGER, signal: late.signal })
  await until(() => standIn.received.length === 2)
  late.abort()
  await t.rejects(reading, { name: 'AbortError' })
})
