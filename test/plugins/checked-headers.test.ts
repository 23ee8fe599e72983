import fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { fixedHeaders, responseClass, setCheckedHeader, setFixedHeaders } from '../../plugins/checked-headers.ts'
import { sendRaw } from '../support/raw-http.ts'

const FIRST = fixedHeaders({ 'x-first': '1', 'cache-control': 'no-store', vary: 'Origin' })
const SECOND = fixedHeaders({ 'x-second': '2', 'cache-control': 'no-store' })

/** An app that answers in every way there is. */
function answering(t: Test, ServerResponse?: ReturnType<typeof responseClass>): FastifyInstance {
  const app = ServerResponse ? fastify({ http: { ServerResponse } }) : fastify()
  t.teardown(() => app.close())
  app.addHook('onRequest', (_request, reply, done) => {
    setFixedHeaders(reply, FIRST)
    setCheckedHeader(reply, 'x-turn', 'first')
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

const EXPECTED = { 'x-first': '1', 'cache-control': 'no-store', vary: 'Origin', 'x-turn': 'last' }

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
  const { 'x-first': first, ...replaced } = (await get('/replaced')).headers
  t.match(replaced, { 'x-second': '2', 'cache-control': 'no-store' })
  t.equal(first, undefined, 'later ones replace earlier ones')
})

t.test('many answers on one connection are told apart', async (t) => {
  const base = await answering(t, responseClass()).listen({ port: 0, host: '127.0.0.1' })
  const paths = ['/json', '/own', '/json']
  const answers = []
  for (const path of paths) answers.push((await fetch(base + path)).headers.get('cache-control'))
  t.same(answers, ['no-store', 'max-age=60', 'no-store'])
})

t.test("Node's own class has them as any header", async (t) => {
  const answer = await answering(t).inject('/json')
  t.match(answer.headers, EXPECTED)
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
