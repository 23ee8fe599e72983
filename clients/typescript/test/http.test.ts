import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { signUp } from '../../../test/support/client.ts'
import { listen } from '../../../test/support/meeting-app.ts'
import { freePort } from '../../../test/support/ports.ts'
import { createApi, createSession, createVisit, FluentMeetError } from '../src/index.ts'

type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void

/** A server that answers as it is told, for what ours does not do at will. */
async function serve(t: Test, answer: Answer) {
  const seen: IncomingMessage[] = []
  const server = createServer((request, response) => answer(request, response, seen.push(request)))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
}

const json = (response: ServerResponse, status: number, body: object, headers = {}) =>
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

t.test('calls take and answer what the description says', async (t) => {
  const app = await listen(t)
  const host = await app.user('en')
  const api = createApi({ baseUrl: `${app.base}/`, token: () => host.token })
  const room = await api.call('POST /meetings', { body: { name: 'Stand-up' } })
  const params = { room_code: room.room_code }
  t.match(await api.call('GET /meetings', { query: { page: 1, role: 'host' } }), { total: 1 })
  const changed = await api.call('PATCH /meetings/{room_code}/config', { params, body: { max_participants: 12 } })
  t.equal(changed.settings.max_participants, 12)
  t.equal(await api.call('POST /meetings/{room_code}/end', { params }), undefined)
  t.match(await createApi({ baseUrl: app.base }).call('GET /pipeline/languages'), { translation: { engine: /\w/ } })
})

t.test('a machine calls with a key, as far as the key goes', async (t) => {
  const app = await listen(t)
  const session = createSession({ baseUrl: app.base })
  await session.signIn(await signUp(app.base))
  const { key, id } = await session.call('POST /api-keys', { body: { name: 'Captions', scopes: ['pipeline'] } })
  const machine = createApi({ baseUrl: app.base, apiKey: key })
  const body = { text: 'Good morning.', source_language: 'en', target_language: 'es' }
  t.match(await machine.call('POST /pipeline/translations', { body }), { target_language: 'es', engine: /apertium/ })
  await t.rejects(machine.call('POST /meetings', { body: { name: 'x' } }), { status: 403, code: 'FORBIDDEN' })
  await session.call('DELETE /api-keys/{id}', { params: { id } })
  await t.rejects(machine.call('POST /pipeline/translations', { body }), { status: 401, name: 'FluentMeetError' })
})

t.test('what is no JSON comes as it is', async (t) => {
  const app = await listen(t)
  const host = await app.user('en')
  const code = await app.room(host)
  const visit = createVisit(createApi({ baseUrl: app.base, token: () => host.token }), code)
  const options = ['one', 'two']
  const poll = await visit.call('POST /meetings/{room_code}/polls', {
    params: visit.room,
    body: { question: 'Which?', options },
  })
  const params = { poll_id: poll.id }
  await visit.call('POST /polls/{poll_id}/open', { params })
  const csv = await visit.request('GET /polls/{poll_id}/results', { params, query: { format: 'csv' } })
  t.match(csv.headers.get('content-type'), 'text/csv')
  t.match(await csv.text(), /"one"/)
})

t.test('a refusal is one error with everything the server said', async (t) => {
  const app = await listen(t, { rateLimitAuthPerMinute: 1 })
  const api = createApi({ baseUrl: app.base })
  const body = { email: 'nobody', password: 'x' }
  const error = await api.call('POST /auth/login', { body }).then(
    () => t.fail('it was taken'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof FluentMeetError)) throw new Error('another error', { cause: error })
  t.match(error, { name: 'FluentMeetError', status: 400, code: 'VALIDATION_ERROR', retryAfter: 0, isPassing: false })
  t.match(error.request_id, /^\S{8,}$/)
  t.match(error.details, [{ field: 'body.email' }])
  t.match(error.fields, { email: /email/ })
  await t.rejects(api.call('POST /auth/login', { body }), {
    status: 429,
    code: 'RATE_LIMIT_EXCEEDED',
    isPassing: true,
    retryAfter: /^[1-9]\d*$/,
  })
})

t.test(
  'no answer is an error of the same kind: not reached, not in time, broken off, ended by the caller',
  async (t) => {
    const { baseUrl } = await serve(t, (request, response) => {
      if (request.url?.endsWith('/languages')) response.writeHead(200, { 'content-length': '100' }).write('{')
      if (request.url?.endsWith('/me')) json(response, 502, {}, { 'content-type': 'text/html' })
    })
    const noServer = { name: 'FluentMeetError', status: 0, code: 'NO_SERVER', isPassing: true }
    const nowhere = createApi({ baseUrl: `http://127.0.0.1:${await freePort()}` })
    await t.rejects(nowhere.call('GET /users/me'), noServer)
    const api = createApi({ baseUrl, timeoutMs: 100 })
    await t.rejects(api.call('GET /auth/sessions'), noServer)
    await t.rejects(api.call('GET /pipeline/languages'), noServer)
    await t.rejects(api.call('GET /users/me'), { status: 502, code: 'SERVICE_UNAVAILABLE', isPassing: true })
    const ending = new AbortController()
    const ended = api.call('GET /auth/sessions', { signal: ending.signal, timeoutMs: 60_000, retries: 5 })
    ending.abort(new Error('enough'))
    await t.rejects(ended, { code: 'ABORTED', isPassing: false, cause: { message: 'enough' } })
  },
)

t.test('it tries again only when it is asked to, and only what cannot happen twice', async (t) => {
  const { baseUrl, seen } = await serve(t, (request, response, count) => {
    const isLast = count === 2
    if (request.url?.endsWith('/meetings')) json(response, isLast ? 201 : 429, {}, { 'retry-after': '1' })
    else if (request.url?.includes('/polls/')) json(response, 503, {}, { 'retry-after': '3600' })
    else json(response, isLast ? 200 : 503, {})
  })
  const api = createApi({ baseUrl })
  const tries = async (call: Promise<unknown>) => {
    await call.catch(() => undefined)
    return seen.splice(0).length
  }
  const body = { name: 'x' }
  t.equal(await tries(api.call('GET /users/me')), 1)
  t.equal(await tries(api.call('GET /users/me', { retries: 3 })), 2, 'reading after 503')
  t.equal(await tries(api.call('POST /meetings', { body, retries: 3 })), 2, 'anything that was counted out')
  t.equal(await tries(api.call('POST /auth/logout', { retries: 3 })), 1, 'a change after 503 may have happened')
  const params = { poll_id: 'x' }
  t.equal(await tries(api.call('GET /polls/{poll_id}/results', { params, retries: 3 })), 1, 'nobody waits an hour')
})

t.test('an API key, a form and other headers are sent as they are, and nothing follows a redirect', async (t) => {
  const { baseUrl: elsewhere, seen: led } = await serve(t, (_, response) => json(response, 200, {}))
  const { baseUrl, seen } = await serve(t, (request, response) => {
    if (request.url?.endsWith('/users/me')) response.writeHead(307, { location: elsewhere }).end()
    else json(response, 200, { text: 'hello' })
  })
  const api = createApi({ baseUrl, apiKey: 'key-1' })
  const form = new FormData()
  form.set('file', new Blob(['sound']), 'a.wav')
  const answer = await api.call('POST /pipeline/transcriptions', { body: form, headers: { 'x-test': '1' } })
  t.equal(answer.text, 'hello')
  t.match(seen[0]?.headers, {
    'x-api-key': 'key-1',
    'x-test': '1',
    'content-type': /^multipart\/form-data; boundary=/,
    authorization: undefined,
  })
  await t.rejects(api.call('GET /users/me'), { code: 'NO_SERVER' })
  t.equal(led.length, 0)
})

t.test('a parameter is one step of a path, whatever it holds', async (t) => {
  const { baseUrl, seen } = await serve(t, (_, response) => json(response, 200, {}))
  const api = createApi({ baseUrl })
  await api.call('GET /meetings/{room_code}', { params: { room_code: 'a/../b?c#d' } })
  t.equal(seen[0]?.url, '/api/v1/meetings/a%2F..%2Fb%3Fc%23d')
  for (const room_code of ['', '.', '..'])
    await t.rejects(api.call('GET /meetings/{room_code}', { params: { room_code } }), TypeError)
})
