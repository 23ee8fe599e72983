import { once } from 'node:events'
import { connect } from 'node:net'
import { Type } from '@sinclair/typebox'
import t, { type Test } from 'tap'
import { Email, LanguageTag, Strict } from '../../schemas/common.ts'
import { buildTestApp } from '../helper.ts'
import { sendRaw } from '../support/raw-http.ts'

const Body = Strict({
  email: Type.Optional(Email),
  count: Type.Optional(Type.Integer({ maximum: 10 })),
  on: Type.Optional(Type.Boolean()),
  list: Type.Optional(Type.Array(Strict({ language: LanguageTag }), { maxItems: 2 })),
  kind: Type.Optional(Type.Union([Type.Literal('a'), Type.Literal('b')])),
})
const Query = Strict({
  page: Type.Optional(Type.Integer({ maximum: 10, default: 1 })),
  on: Type.Optional(Type.Boolean()),
})

/** One app for the file; `handled` counts from the last call. */
async function open(t: Test) {
  let handled = 0
  const app = await buildTestApp(t, {
    config: { maxRequestSize: 2_000 },
    overrides: {
      extend(app) {
        const config = { guard: 'public', limit: 'none' } as const
        app.post('/echo', { config, schema: { body: Body } }, (request) => {
          handled++
          return { body: request.body }
        })
        app.get('/page', { config, schema: { querystring: Query } }, (request) => ({ query: request.query }))
        app.get(
          '/things/:id',
          { config, schema: { params: Strict({ id: Type.Integer({ maximum: 5 }) }) } },
          (request) => ({
            params: request.params,
          }),
        )
        const response = { 200: Strict({ needed: Type.String() }) }
        app.get('/misses', { config, schema: { response } }, () => ({}) as { needed: string })
        app.post('/larger', { config, bodyLimit: 4_000 }, () => ({ ok: true }))
      },
    },
  })
  const post = (payload: string, type = 'application/json', url = '/echo') =>
    app.inject({ method: 'POST', url, payload, headers: { 'content-type': type } })
  const base = await app.listen({ port: 0, host: '127.0.0.1' })
  return {
    app,
    base,
    post,
    handled() {
      const count = handled
      handled = 0
      return count
    },
  }
}

const { app, base, post, handled } = await open(t)

t.test('what is wrong is named by field and rule, and what came is not repeated', async (t) => {
  const cases: [body: string, field: string][] = [
    ['{"email":"canary"}', 'body.email'],
    ['{"count":"5"}', 'body.count'],
    ['{"count":5.5}', 'body.count'],
    ['{"count":11}', 'body.count'],
    ['{"on":"true"}', 'body.on'],
    ['{"on":1}', 'body.on'],
    ['{"email":null}', 'body.email'],
    ['{"email":["a@example.org"]}', 'body.email'],
    ['{"extra":"canary"}', 'body.extra'],
    ['{"list":[{}]}', 'body.list.0.language'],
    ['{"list":[{"language":"en","x":1}]}', 'body.list.0.x'],
    ['{"list":[{"language":"en"},{"language":"en"},{"language":"en"}]}', 'body.list'],
    ['{"kind":"canary"}', 'body.kind'],
    ['[]', 'body'],
    ['"canary"', 'body'],
    ['null', 'body'],
    [`{"a\\r\\nb<${'c'.repeat(500)}":1}`, `body.a__b_${'c'.repeat(59)}`],
  ]
  for (const [body, field] of cases) {
    const answer = await post(body)
    t.equal(answer.statusCode, 400, body)
    t.equal(answer.json().code, 'VALIDATION_ERROR', body)
    t.equal(answer.json().details[0].field, field)
    t.notMatch(answer.body, /canary/)
  }
  const page = await app.inject('/page?page=x')
  t.match(page.json(), { code: 'VALIDATION_ERROR', details: [{ field: 'querystring.page' }] })
  t.match((await app.inject('/page?page=2&unknown=1')).json(), { details: [{ field: 'querystring.unknown' }] })
  t.match((await app.inject('/page?page=1&page=2')).json(), { details: [{ field: 'querystring.page' }] })
  t.match((await app.inject('/things/9')).json(), { details: [{ field: 'params.id' }] })
  t.equal(handled(), 0, 'no handler ran')
})

t.test('text from a query becomes a number or a flag; a body is taken as it is', async (t) => {
  t.same((await app.inject('/page?page=2&on=true')).json(), { query: { page: 2, on: true } })
  t.same((await app.inject('/page')).json(), { query: { page: 1 } })
  t.same((await app.inject('/things/3')).json(), { params: { id: 3 } })
  t.same((await post('{"count":5,"on":false,"kind":"b"}')).json(), { body: { count: 5, on: false, kind: 'b' } })
  t.equal(handled(), 1)
})

t.test('what cannot be read is refused, and changes no prototype', async (t) => {
  const malformed = [
    '{',
    '{"a":1}x',
    "{'a':1}",
    '{"__proto__":{"polluted":true}}',
    '{"list":[{"__proto__":{"polluted":true}}]}',
    '{"constructor":{"prototype":{"polluted":true}}}',
    '{"\\u005f_proto__":{"polluted":true}}',
  ]
  for (const body of malformed) {
    const answer = await post(body)
    t.equal(answer.statusCode, 400, body)
    t.equal(answer.json().code, 'MALFORMED_REQUEST', body)
  }
  t.equal(({} as Record<string, unknown>).polluted, undefined)
  for (const type of [
    'text/xml',
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonx',
    'nonsense',
    '/',
  ])
    t.equal((await post('{}', type)).json().code, 'UNSUPPORTED_MEDIA_TYPE', type)
  t.equal(handled(), 0)
})

t.test('a body that is too large is refused, whether it says so or not', async (t) => {
  const large = JSON.stringify({ email: 'a'.repeat(3_000) })
  t.equal((await post(large)).json().code, 'PAYLOAD_TOO_LARGE')
  t.equal((await post(large, 'application/json', '/larger')).statusCode, 200, 'a route has its own limit')

  const head = 'POST /echo HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n'
  const declared = await sendRaw(base, `${head}content-length: 1000000000\r\n\r\n{`)
  t.equal(declared.status, 413, 'answered before the body comes')
  t.equal(declared.headers.connection, 'close')
  const chunk = 'a'.repeat(1_000)
  const chunked = await sendRaw(
    base,
    `${head}transfer-encoding: chunked\r\n\r\n${`3e8\r\n${chunk}\r\n`.repeat(3)}0\r\n\r\n`,
  )
  t.equal(chunked.status, 413)
  t.match(JSON.parse(chunked.body), { code: 'PAYLOAD_TOO_LARGE' })
})

t.test('two requests cannot be hidden in one', async (t) => {
  const hidden = 'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}'
  const head = 'POST /nothing HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n'
  for (const lines of [
    `content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    `transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n${hidden}`,
    `transfer-encoding : chunked\r\n\r\n0\r\n\r\n${hidden}`,
    `transfer-encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`,
    `content-length: 0\r\ncontent-length: ${hidden.length}\r\n\r\n${hidden}`,
    `content-length: +4\r\n\r\n${hidden}`,
  ]) {
    const answer = await sendRaw(base, head + lines)
    t.equal(answer.status, 400, JSON.stringify(lines.slice(0, 50)))
  }
  t.equal(handled(), 0)
})

t.test('the body of an upgrade is no second request', async (t) => {
  const { port } = new URL(base)
  const hidden = 'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}'
  const socket = connect(Number(port), '127.0.0.1')
  socket.resume().on('error', () => undefined)
  socket.write(
    `POST /echo HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\ncontent-length: 0\r\n\r\n${hidden}`,
  )
  await once(socket, 'close')
  t.equal(handled(), 0)
})

t.test('an answer that misses its schema is a 500 that says nothing', async (t) => {
  const answer = await app.inject('/misses')
  t.equal(answer.statusCode, 500)
  t.match(answer.json(), { code: 'INTERNAL_ERROR', message: 'Something went wrong.', details: [] })
  t.notMatch(answer.body, /needed/)
})
