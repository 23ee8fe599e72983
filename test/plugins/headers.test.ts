import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { buildTestApp } from '../helper.ts'
import { migratedDatabase } from '../support/database.ts'
import { sendRaw } from '../support/raw-http.ts'

const EXPECTED: Record<string, string> = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'strict-origin-when-cross-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-xss-protection': '0',
  'cache-control': 'no-store',
}

const ORIGIN = 'https://app.example.org'
const JOIN = '/api/v1/meetings/aaaaaaaaaaaaaaaaaaaaaaaaaa/join'

/** What a client can provoke: the bytes, and the status and code they are answered with. */
const CASES: { name: string; head: string; lines?: string[]; body?: string; status: number; code?: string }[] = [
  { name: 'a success', head: 'GET /livez', status: 200 },
  { name: '401', head: 'GET /api/v1/meetings', status: 401, code: 'UNAUTHENTICATED' },
  { name: '404', head: 'GET /nothing', status: 404, code: 'NOT_FOUND' },
  { name: '405', head: 'POST /livez', status: 405, code: 'METHOD_NOT_ALLOWED' },
  { name: 'an unusual method', head: 'PROPFIND /livez', status: 405, code: 'METHOD_NOT_ALLOWED' },
  { name: 'an unusual method on an unknown path', head: 'PROPFIND /nothing', status: 404, code: 'NOT_FOUND' },
  {
    name: '413',
    head: `POST ${JOIN}`,
    lines: ['content-type: application/json', 'content-length: 99999999'],
    status: 413,
    code: 'PAYLOAD_TOO_LARGE',
  },
  {
    name: '415',
    head: `POST ${JOIN}`,
    lines: ['content-type: text/xml', 'content-length: 4'],
    body: '<a/>',
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
  },
  {
    name: 'malformed JSON',
    head: `POST ${JOIN}`,
    lines: ['content-type: application/json', 'content-length: 1'],
    body: '{',
    status: 400,
    code: 'MALFORMED_REQUEST',
  },
  { name: 'a bad escape in the path', head: 'GET /api/v1/meetings/%zz', status: 400, code: 'MALFORMED_REQUEST' },
  {
    name: 'a parameter that is too long',
    head: `GET /api/v1/meetings/${'a'.repeat(300)}`,
    status: 400,
    code: 'MALFORMED_REQUEST',
  },
  {
    name: 'a pre-flight',
    head: 'OPTIONS /api/v1/meetings',
    lines: [`origin: ${ORIGIN}`, 'access-control-request-method: POST'],
    status: 204,
  },
  { name: 'an OPTIONS that is no pre-flight', head: 'OPTIONS /api/v1/meetings', status: 204 },
  { name: 'OPTIONS *', head: 'OPTIONS *', status: 404, code: 'NOT_FOUND' },
  {
    name: 'an expectation we do not know',
    head: 'GET /livez',
    lines: ['expect: a-miracle'],
    status: 200,
  },
  {
    name: 'a refused upgrade',
    head: `GET /api/v1/ws/meetings/aaaaaaaaaaaaaaaaaaaaaaaaaa`,
    lines: upgrade(),
    status: 401,
    code: 'UNAUTHENTICATED',
  },
  {
    name: 'an upgrade of something else',
    head: 'GET /livez',
    lines: upgrade(),
    status: 400,
    code: 'MALFORMED_REQUEST',
  },
  { name: 'an upgrade of nothing', head: 'GET /nothing', lines: upgrade(), status: 404, code: 'NOT_FOUND' },
  { name: 'an upgrade of a bad path', head: 'GET /%zz', lines: upgrade(), status: 400, code: 'MALFORMED_REQUEST' },
]

function upgrade(): string[] {
  const key = randomBytes(16).toString('base64')
  return ['upgrade: websocket', 'sec-websocket-version: 13', `sec-websocket-key: ${key}`]
}

function bytesOf({ head, lines = [], body = '' }: (typeof CASES)[number]): string {
  const connection = lines.some((line) => line.startsWith('upgrade:')) ? 'Upgrade' : 'close'
  return [`${head} HTTP/1.1`, 'host: localhost', `connection: ${connection}`, ...lines, '', body].join('\r\n')
}

function hasEveryHeader(t: Test, headers: Record<string, unknown>, code?: string, body = ''): void {
  for (const [name, value] of Object.entries(EXPECTED)) t.equal(headers[name], value, name)
  t.match(headers['x-request-id'], /^[\w-]{8,64}$/)
  t.notOk(headers['x-powered-by'] ?? headers.server)
  if (!code) return
  t.equal(headers['content-type'], 'application/json; charset=utf-8')
  const { request_id, message, ...rest } = JSON.parse(body)
  t.match(rest, { status: 'error', code, details: [] })
  t.type(message, 'string')
  t.equal(request_id, headers['x-request-id'])
}

t.test('over the wire, every answer has every header and every error the one body', async (t) => {
  const app = await buildTestApp(t)
  const base = await app.listen({ port: 0, host: '127.0.0.1' })
  for (const request of CASES)
    t.test(request.name, async (t) => {
      const answer = await sendRaw(base, bytesOf(request))
      t.equal(answer.status, request.status)
      hasEveryHeader(t, answer.headers, request.code, answer.body)
      t.notOk(answer.headers['strict-transport-security'])
    })

  t.test('what is no HTTP', async (t) => {
    for (const [bytes, status] of [
      ['NONSENSE\r\n\r\n', 400],
      ['BREW / HTTP/1.1\r\nhost: localhost\r\n\r\n', 400],
      ['GET / HTTP/1.1\r\nconnection: close\r\n\r\n', 400],
      [`GET /${'a'.repeat(20_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`, 431],
      [`GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
      ['POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n', 400],
      ['POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd', 400],
    ] as const) {
      const answer = await sendRaw(base, bytes)
      t.equal(answer.status, status, bytes.slice(0, 30))
      hasEveryHeader(t, answer.headers, 'MALFORMED_REQUEST', answer.body)
    }
  })
})

t.test('without a socket, too', async (t) => {
  const app = await buildTestApp(t)
  for (const { name, head, lines = [], body, status, code } of CASES) {
    if (head === 'OPTIONS *' || lines.some((line) => /^(upgrade|expect|content-length: 9)/.test(line))) continue
    const [method, url] = head.split(' ')
    const headers = Object.fromEntries(lines.map((line) => line.split(/: (.*)/).slice(0, 2)))
    const answer = await app.inject({
      method: method as 'GET',
      url: url ?? '',
      headers,
      ...(body ? { payload: body } : {}),
    })
    t.equal(answer.statusCode, status, name)
    hasEveryHeader(t, answer.headers, code, answer.body)
  }
})

t.test(
  'a URL that cannot be read goes the whole way: limited, with the headers of CORS, and no redirect to it',
  async (t) => {
    const config = { rateLimitDefaultPerMinute: 2, allowedOrigins: [ORIGIN] }
    const app = await buildTestApp(t, { config })
    const base = await app.listen({ port: 0, host: '127.0.0.1' })
    const long = `/api/v1/meetings/${'a'.repeat(300)}`
    const ask = (path: string, ...lines: string[]) =>
      sendRaw(base, [`GET ${path} HTTP/1.1`, 'host: localhost', `origin: ${ORIGIN}`, ...lines, '', ''].join('\r\n'))
    for (const [path, left] of [
      ['/%zz', 1],
      [long, 0],
    ] as const) {
      const { status, headers, body } = await ask(path, 'connection: close')
      t.equal(status, 400)
      hasEveryHeader(t, headers, 'MALFORMED_REQUEST', body)
      t.match(headers, {
        'access-control-allow-origin': ORIGIN,
        'access-control-expose-headers': /RateLimit/,
        'ratelimit-policy': '"default";q=2;w=60',
        ratelimit: new RegExp(`^"default";r=${left};`),
      })
    }
    for (const path of ['/%zz', long, '/nothing']) {
      const { status, headers, body } = await ask(path, 'connection: close')
      t.equal(status, 429, path)
      t.match(headers['retry-after'], /^[1-9]\d*$/)
      hasEveryHeader(t, headers, 'RATE_LIMIT_EXCEEDED', body)
    }
    const upgraded = await ask('/%zz', 'connection: Upgrade', ...upgrade())
    t.equal(upgraded.status, 429, 'and the connection was ended')
  },
)

t.test('where https is forced, a URL that cannot be read leads to the front', async (t) => {
  const app = await buildTestApp(t, { config: { forceHttps: true, publicUrl: 'https://meet.example.org' } })
  const answer = await app.inject('/%zz')
  t.equal(answer.statusCode, 308)
  t.equal(answer.headers.location, 'https://meet.example.org/')
})

t.test('429, 500 and 503 have them as well, and nothing of the inside', async (t) => {
  const app = await buildTestApp(t, {
    config: { rateLimitDefaultPerMinute: 1 },
    overrides: {
      extend(app) {
        app.get('/boom', { config: { guard: 'public', limit: 'none' } }, () => {
          throw new Error('secret inside')
        })
      },
    },
  })
  await app.inject('/health')
  const refused = await app.inject('/health')
  t.equal(refused.statusCode, 429)
  hasEveryHeader(t, refused.headers, 'RATE_LIMIT_EXCEEDED', refused.body)
  const broken = await app.inject('/boom')
  t.equal(broken.statusCode, 500)
  hasEveryHeader(t, broken.headers, 'INTERNAL_ERROR', broken.body)
  t.notMatch(broken.body, /secret/)
  app.services.health.drain()
  const draining = await app.inject('/readyz')
  t.equal(draining.statusCode, 503)
  t.equal(draining.headers['retry-after'], '1')
  hasEveryHeader(t, draining.headers, 'SERVICE_UNAVAILABLE', draining.body)
})

t.test('our own pages run scripts from here only, none inline', async (t) => {
  const app = await buildTestApp(t)
  for (const url of ['/docs', '/dev/outbox']) {
    const page = await app.inject(url)
    t.equal(page.statusCode, 200)
    t.match(page.headers['content-security-policy'], /^default-src 'self';/)
    t.notMatch(page.headers['content-security-policy'], /unsafe/)
    t.notMatch(page.body, /<script(?![^>]*src=)|<style|style=|onclick/)
    t.equal(page.headers['x-content-type-options'], 'nosniff')
  }
  for (const url of ['/docs/docs.js', '/docs/calls.js', '/docs/docs.css', '/docs/docs.svg'])
    t.equal((await app.inject(url)).statusCode, 200, url)
})

t.test('HSTS is sent in staging', async (t) => {
  const database = await migratedDatabase(t)
  const app = await buildTestApp(t, {
    config: { environment: 'staging', allowedOrigins: [ORIGIN] },
    overrides: { database },
  })
  for (const url of ['/livez', '/nothing']) {
    const { headers } = await app.inject(url)
    t.equal(headers['strict-transport-security'], 'max-age=31536000; includeSubDomains')
  }
})

t.test('an incoming request id is kept when it is harmless', async (t) => {
  const app = await buildTestApp(t)
  const ask = async (id: string) => (await app.inject({ url: '/livez', headers: { 'x-request-id': id } })).headers
  t.equal((await ask('0123-abc_DEF'))['x-request-id'], '0123-abc_DEF')
  for (const bad of ['short', 'x'.repeat(65), 'has space in it', '"quoted-id"'])
    t.match((await ask(bad))['x-request-id'], /^[0-9a-f]{8}-[0-9a-f-]{27}$/, bad)
})
