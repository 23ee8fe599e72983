import t from 'tap'
import { buildTestApp } from '../helper.ts'
import { migratedDatabase } from '../support/database.ts'
import { sendRaw } from '../support/raw-http.ts'

const OURS = 'https://app.example.org'
const FOREIGN = 'https://evil.example'
const ALLOW = /^access-control-allow/

const preflight = (origin: string) => ({
  method: 'OPTIONS' as const,
  url: '/api/v1/meetings',
  headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
})

t.test('outside development only the listed origins are allowed, with credentials', async (t) => {
  const database = await migratedDatabase(t)
  const app = await buildTestApp(t, {
    config: { environment: 'production', allowedOrigins: [OURS], rateLimitDefaultPerMinute: 3 },
    overrides: { database },
  })

  const allowed = await app.inject(preflight(OURS))
  t.equal(allowed.statusCode, 204)
  t.match(allowed.headers, {
    'access-control-allow-origin': OURS,
    'access-control-allow-credentials': 'true',
    'access-control-allow-headers': 'Content-Type, Authorization, Accept, X-CSRF-Token, X-API-Key',
    'access-control-max-age': '600',
    vary: 'Origin',
  })

  for (const origin of [FOREIGN, 'null', `${OURS}.evil.example`, OURS.replace('https', 'http'), OURS.toUpperCase()]) {
    const refused = await app.inject(preflight(origin))
    t.equal(refused.statusCode, 403, origin)
    t.equal(refused.json().code, 'ORIGIN_NOT_ALLOWED')
    t.notOk(
      Object.keys(refused.headers).some((name) => ALLOW.test(name)),
      'no allow header',
    )
    t.match(refused.headers.vary, /Origin/)
    const read = await app.inject({ url: '/livez', headers: { origin } })
    t.notOk(Object.keys(read.headers).some((name) => ALLOW.test(name)))
  }

  const ask = { url: '/health', headers: { origin: OURS } }
  for (let asked = 0; asked < 3; asked++)
    t.equal((await app.inject(ask)).statusCode, 200, 'pre-flights were not counted')
  const limited = await app.inject(ask)
  t.equal(limited.statusCode, 429)
  t.match(limited.headers, {
    'access-control-allow-origin': OURS,
    'access-control-expose-headers': 'RateLimit, RateLimit-Policy, Retry-After, X-Request-Id',
  })
})

t.test('development allows everyone, without credentials', async (t) => {
  const app = await buildTestApp(t)
  for (const request of [preflight(FOREIGN), { url: '/livez', headers: { origin: FOREIGN } }]) {
    const { headers } = await app.inject(request)
    t.equal(headers['access-control-allow-origin'], '*')
    t.notOk(headers['access-control-allow-credentials'])
  }
})

t.test('mails of development are not for other origins, hosts or machines', async (t) => {
  const app = await buildTestApp(t)
  const other = await app.inject({ url: '/dev/outbox', headers: { origin: FOREIGN } })
  t.notOk(Object.keys(other.headers).some((name) => ALLOW.test(name)))
  t.equal((await app.inject({ url: '/dev/outbox', headers: { host: 'rebound.example' } })).statusCode, 404)
  t.equal((await app.inject({ url: '/dev/outbox', remoteAddress: '192.0.2.1' })).statusCode, 404)
  t.equal((await app.inject('/dev/outbox/..%2f..%2fetc%2fpasswd')).statusCode, 400)
  t.equal((await app.inject('/dev/outbox/none.eml')).statusCode, 404)
})

t.test('a plain OPTIONS names the methods of a path', async (t) => {
  const app = await buildTestApp(t)
  const known = await app.inject({ method: 'OPTIONS', url: '/api/v1/meetings' })
  t.equal(known.statusCode, 204)
  t.equal(known.headers.allow, 'GET, HEAD, POST')
  t.equal((await app.inject({ method: 'OPTIONS', url: '/nothing' })).statusCode, 404)
  const wrong = await app.inject({ method: 'DELETE', url: '/api/v1/meetings?x=1' })
  t.equal(wrong.statusCode, 405)
  t.equal(wrong.headers.allow, 'GET, HEAD, POST')
})

t.test(
  'over the wire, an origin that is not listed and a route of our own pages are allowed to nobody else',
  async (t) => {
    const database = await migratedDatabase(t)
    const app = await buildTestApp(t, {
      config: { environment: 'production', allowedOrigins: [OURS] },
      overrides: {
        database,
        extend(app) {
          app.get('/ours-alone', { config: { guard: 'public', sameOrigin: true } }, () => ({}))
        },
      },
    })
    const base = await app.listen({ port: 0, host: '127.0.0.1' })
    const headersOf = async (path: string, origin: string) =>
      (await sendRaw(base, `GET ${path} HTTP/1.1\r\nhost: localhost\r\norigin: ${origin}\r\nconnection: close\r\n\r\n`))
        .headers

    t.match(await headersOf('/livez', OURS), { 'access-control-allow-origin': OURS, vary: 'Origin' })
    for (const [path, origin] of [
      ['/livez', FOREIGN],
      ['/ours-alone', OURS],
    ] as const) {
      const headers = await headersOf(path, origin)
      t.notOk(
        Object.keys(headers).some((name) => ALLOW.test(name)),
        `${path} for ${origin}`,
      )
      t.equal(headers['cache-control'], 'no-store')
      t.equal(headers.vary, path === '/livez' ? 'Origin' : undefined)
    }
  },
)
