import fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { fixedHeaders, responseClass, setCheckedHeader, setFixedHeaders } from '../../plugins/checked-headers.ts'
import { sendRaw } from '../support/raw-http.ts'

const FIRST = fixedHeaders({ 'x-first': '1', 'cache-control': 'no-store', vary: 'Origin' })
const SECOND = fixedHeaders({ 'x-first': '2', 'x-second': '2', 'cache-control': 'no-store', vary: 'Accept' })

/** An app that answers in every way there is. */
function answering(t: Test, ServerResponse?: ReturnType<typeof responseClass>): FastifyInstance {
  const app = ServerResponse ? fastify({ http: { ServerResponse } }) : fastify()
  t.teardown(() => app.close())
  app.addHook('onRequest', (_request, reply, done) => {
    setFixedHeaders(reply, FIRST)
    setCheckedHeader(reply, 'x-turn', 'first')
    // What a client chose may be the name of another.
    setCheckedHeader(reply, 'x-given', 'x-turn')
    setCheckedHeader(reply, 'x-turn', 'last')
    done()
  })
  app.get('/json', async () => ({ good: true }))
  app.get('/own', async (_request, reply) => reply.header('Cache-Control', 'max-age=60').send('kept'))
  app.get('/empty', async (_request, reply) => reply.code(204).send())
  app.get('/broken', async () => {
    throw new Error('broken')
  })
  app.get('/replaced', async (_request, reply) => {
    setFixedHeaders(reply, SECOND)
    return reply.send('replaced')
  })
  app.get('/raw', (_request, reply) => {
    reply.hijack()
    reply.raw.setHeader('Vary', 'Accept')
    reply.raw.setHeader('X-Turn', 'raw')
    reply.raw.end('raw')
  })
  return app
}

const EXPECTED = { 'x-first': '1', 'cache-control': 'no-store', vary: 'Origin', 'x-given': 'x-turn', 'x-turn': 'last' }

t.test('fixed and checked headers are on every answer, each once', async (t) => {
  const app = answering(t, responseClass())
  const base = await app.listen({ port: 0, host: '127.0.0.1' })
  const get = (path: string) => sendRaw(base, `GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`)

  for (const [path, status] of [
    ['/json', 200],
    ['/empty', 204],
    ['/broken', 500],
    ['/nowhere', 404],
  ] as const) {
    const answer = await get(path)
    t.equal(answer.status, status)
    t.match(answer.headers, { ...EXPECTED, connection: 'close' }, path)
  }
  t.match((await get('/own')).headers, { ...EXPECTED, 'cache-control': 'max-age=60' }, "but for the answer's own")
  t.match(
    (await get('/raw')).headers,
    { ...EXPECTED, vary: 'Accept', 'x-turn': 'raw' },
    'also when Node keeps them itself',
  )
  t.match((await get('/replaced')).headers, { ...EXPECTED, 'x-first': '2', 'x-second': '2', vary: 'Accept' })
})

t.test('many answers on one connection are told apart', async (t) => {
  const base = await answering(t, responseClass()).listen({ port: 0, host: '127.0.0.1' })
  const paths = ['/json', '/own', '/json']
  const answers = []
  for (const path of paths) answers.push((await fetch(base + path)).headers.get('cache-control'))
  t.same(answers, ['no-store', 'max-age=60', 'no-store'])
})

t.test("Node's own class has them as any header", async (t) => {
  const app = answering(t)
  t.match((await app.inject('/json')).headers, EXPECTED)
  t.match((await app.inject('/replaced')).headers, { ...EXPECTED, 'x-first': '2', 'x-second': '2', vary: 'Accept' })
})

t.test('what somebody put on the prototype of all objects is in no answer, and keeps nothing out of one', async (t) => {
  const base = await answering(t, responseClass()).listen({ port: 0, host: '127.0.0.1' })
  const polluted = Object.prototype as Record<string, unknown>
  Object.assign(polluted, { 'x-evil': 'a\r\nset-cookie: sid=1', 'x-first': 'gone', 'x-turn': 'gone' })
  t.teardown(() => {
    for (const name of ['x-evil', 'x-first', 'x-turn']) delete polluted[name]
  })
  for (const path of ['/json', '/own', '/raw']) {
    const answer = await sendRaw(base, `GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`)
    t.equal(Object.hasOwn(answer.headers, 'x-evil'), false, path)
    t.equal(answer.headers['set-cookie'], undefined)
    t.equal(answer.headers['x-first'], '1')
  }
})

t.test('what may not stand in a header is refused when it is made', async (t) => {
  t.throws(() => fixedHeaders({ 'x a': '1' }), { code: 'ERR_INVALID_HTTP_TOKEN' })
  t.throws(() => fixedHeaders({ x: '1\r\nset-cookie: a=b' }), { code: 'ERR_INVALID_CHAR' })
  t.throws(() => fixedHeaders({ 'X-Upper': '1' }), /cannot be a fixed header/)
  for (const name of ['connection', 'content-length', 'transfer-encoding', 'date'])
    t.throws(() => fixedHeaders({ [name]: '1' }), /cannot be a fixed header/, name)
})

t.test('this Node writes heads as the class expects', async (t) => {
  t.not(responseClass(), (await import('node:http')).ServerResponse)
})
