import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createMemoryState } from '../../state/memory/state.ts'
import { buildTestApp, captureLog, type TestAppOptions } from '../helper.ts'
import { dataFolder } from '../support/data-folder.ts'
import { migratedDatabase } from '../support/database.ts'
import { sendRaw } from '../support/raw-http.ts'

const CODE = 'a'.repeat(26)
const PATHS = ['/', '/sign-in', '/sign-up', '/verify-email', '/forgot-password', '/reset-password', '/account']
const PAGES = [...PATHS, '/meetings', `/meetings/${CODE}`, `/meetings/${CODE}/audit`, '/admin/audit', `/join/${CODE}`]
const FILES = {
  '/assets/index-Ab12.js': 'text/javascript; charset=utf-8',
  '/assets/index-Ab12.css': 'text/css; charset=utf-8',
  '/assets/icon-Ab12.svg': 'image/svg+xml; charset=utf-8',
  '/assets/chime-Ab12.wav': 'audio/wav',
  '/assets/odd-Ab12.bin': 'application/octet-stream',
  '/robots.txt': 'application/octet-stream',
}
const PAGE = '<!doctype html><title>The page</title>'
/** As Chromium and Firefox send it. */
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
const POLICY =
  "default-src 'self'; connect-src 'self'; img-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
const HEADERS = {
  'content-security-policy': POLICY,
  'permissions-policy': 'camera=(self), microphone=(self), geolocation=()',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'strict-origin-when-cross-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

/** A client as the build leaves it, in small. */
function built(t: Test): string {
  const folder = join(dataFolder(t), 'dist')
  mkdirSync(join(folder, 'assets'), { recursive: true })
  writeFileSync(join(folder, 'index.html'), PAGE)
  writeFileSync(join(folder, '..', 'secret.txt'), 'a secret')
  for (const path of Object.keys(FILES)) writeFileSync(join(folder, path), `content of ${path}`)
  return folder
}

function serving(t: Test, { config = {}, overrides = {} }: TestAppOptions = {}) {
  return buildTestApp(t, { config, overrides: { webFolder: built(t), ...overrides } })
}

t.test('every page is the same document, never kept, with or without a slash at the end', async (t) => {
  const app = await serving(t)
  for (const url of [...PAGES, ...PAGES.slice(1).map((path) => `${path}/`), '/join/odd?x=1']) {
    const answer = await app.inject(url)
    t.equal(answer.statusCode, 200, url)
    t.equal(answer.body, PAGE)
    t.match(answer.headers, { ...HEADERS, 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
  }
})

t.test('files come with their type; those with a digest in their name may be kept for ever', async (t) => {
  const app = await serving(t)
  for (const [url, type] of Object.entries(FILES)) {
    const answer = await app.inject(url)
    t.equal(answer.statusCode, 200, url)
    t.equal(answer.body, `content of ${url}`)
    const keeping = url.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-store'
    t.match(answer.headers, { ...HEADERS, 'content-type': type, 'cache-control': keeping })
  }
  t.equal((await app.inject('/index.html')).statusCode, 404, 'the document has no path of its own')
})

t.test('HEAD is GET without the body, other methods are a 405', async (t) => {
  const app = await serving(t)
  for (const url of ['/', `/join/${CODE}`, `/join/${CODE}/`, '/assets/index-Ab12.js', '/robots.txt']) {
    const [head, get] = [await app.inject({ method: 'HEAD', url }), await app.inject(url)]
    t.equal(head.statusCode, 200, url)
    t.equal(head.body, '')
    for (const name of ['content-type', 'content-length', 'cache-control', 'content-security-policy'])
      t.equal(head.headers[name], get.headers[name], name)
    for (const method of ['POST', 'PUT', 'DELETE'] as const) {
      const refused = await app.inject({ method, url, headers: { accept: BROWSER } })
      t.equal(refused.statusCode, 405, `${method} ${url}`)
      t.equal(refused.headers.allow, 'GET, HEAD')
      t.equal(refused.json().code, 'METHOD_NOT_ALLOWED')
    }
  }
})

t.test('a browser that is led nowhere is shown the page, with 404 and the headers of pages', async (t) => {
  const app = await serving(t)
  const accepts = [BROWSER, 'text/html', 'TEXT/HTML;level=1', 'application/json;q=0.5, text/html; q=0.9']
  for (const accept of accepts) {
    const answer = await app.inject({ url: '/no/such/page?x=1', headers: { accept } })
    t.equal(answer.statusCode, 404, accept)
    t.equal(answer.body, PAGE)
    t.match(answer.headers, {
      ...HEADERS,
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'ratelimit-policy': '"default";q=300;w=60',
    })
    t.match(answer.headers['x-request-id'], /^[\w-]{8,64}$/)
  }
  for (const url of ['/apis', '/developers', '/docsy', '/meetings/a/b'])
    t.equal((await app.inject({ url, headers: { accept: BROWSER } })).body, PAGE, url)
})

t.test('all others get the error body', async (t) => {
  const app = await serving(t)
  const accepts = [
    undefined,
    '*/*',
    'application/json',
    'application/json, text/plain, */*',
    'application/json, text/html',
    'application/json, text/html;q=0.5',
    'text/*',
    'text/html;q=0',
    'text/html;q=odd',
    'text/htmlx',
    ',;,',
  ]
  const isError = (t: Test, { statusCode, headers, body }: Awaited<ReturnType<typeof app.inject>>, name: string) => {
    t.equal(statusCode, 404, name)
    t.equal(headers['content-type'], 'application/json; charset=utf-8')
    t.match(headers['content-security-policy'], /^default-src 'none'/)
    t.match(JSON.parse(body), { status: 'error', code: 'NOT_FOUND', details: [], request_id: headers['x-request-id'] })
  }
  for (const accept of accepts) {
    const headers = accept === undefined ? {} : { accept }
    isError(t, await app.inject({ url: '/no/such/page', headers }), String(accept))
  }
  for (const url of ['/api', '/api/v1/nothing', '/api?x', '/dev', '/dev/nothing', '/docs/nothing', '/docs/'])
    isError(t, await app.inject({ url, headers: { accept: BROWSER } }), url)
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const)
    isError(t, await app.inject({ method, url: '/no/such/page', headers: { accept: BROWSER } }), method)
  const upgrade = ['connection: Upgrade', 'upgrade: websocket', 'sec-websocket-version: 13', `accept: ${BROWSER}`]
  const base = await app.listen({ port: 0, host: '127.0.0.1' })
  const lines = [...upgrade, 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==', '', '']
  const { status, headers } = await sendRaw(base, ['GET /nothing HTTP/1.1', 'host: localhost', ...lines].join('\r\n'))
  t.match({ status, ...headers }, { status: 404, 'content-type': 'application/json; charset=utf-8' })
})

t.test('no path leads out of the folder', async (t) => {
  const app = await serving(t)
  const base = await app.listen({ port: 0, host: '127.0.0.1' })
  const paths = [
    '/../package.json',
    '/assets/../../secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/%2e%2e/%2e%2e/package.json',
    '/assets/%2e%2e/index.html',
    '/assets/..\\..\\package.json',
    '/assets/..%5c..%5cpackage.json',
    '/assets/index-Ab12.js%00.html',
    '//assets/index-Ab12.js',
    '/assets/',
    '/assets',
    '/web/dist/index.html',
    '/package.json',
    '/.env',
  ]
  for (const path of paths)
    for (const accept of ['*/*', BROWSER]) {
      const head = [`GET ${path} HTTP/1.1`, 'host: localhost', 'connection: close', `accept: ${accept}`]
      const { status, body } = await sendRaw(base, [...head, '', ''].join('\r\n'))
      t.equal(status, 404, path)
      t.notMatch(body, /content of|a secret|fluentmeet"/)
      t.match(body, accept === BROWSER ? PAGE : '"NOT_FOUND"')
    }
})

t.test('pages and files have a limit of their own, asked once', async (t) => {
  const state = createMemoryState({ failures: { max: 5, windowMs: 900_000 } })
  const asked: unknown[] = []
  let full = false
  const limiter: typeof state.limiter = {
    async admit(admission) {
      asked.push(admission)
      const verdict = await state.limiter.admit(admission)
      return full ? { ...verdict, admitted: false, remaining: 0, resetMs: 1500 } : verdict
    },
  }
  const overrides = { state: { ...state, limiter } }
  const app = await serving(t, { config: { rateLimitDefaultPerMinute: 1 }, overrides })
  const urls = [`/join/${CODE}`, `/join/${CODE}/`, ...Object.keys(FILES)]
  for (const url of urls) {
    const answer = await app.inject(url)
    t.equal(answer.statusCode, 200, url)
    t.equal(answer.headers['ratelimit-policy'], '"pages";q=6000;w=60')
  }
  t.equal(asked.length, urls.length)
  t.match(asked[0], { subject: 'ip:127.0.0.1', limits: [{ name: 'pages', max: 6000 }] })
  t.equal((await app.inject('/health')).statusCode, 200, 'none of them was counted as a call')
  t.equal(
    (await app.inject({ url: '/nothing', headers: { accept: BROWSER } })).statusCode,
    429,
    'a path unknown is one',
  )

  full = true
  const refused = await app.inject({ url: '/assets/index-Ab12.js', headers: { accept: BROWSER } })
  t.equal(refused.statusCode, 429)
  t.match(refused.headers, { 'retry-after': '2', 'cache-control': 'no-store' })
  t.equal(refused.json().code, 'RATE_LIMIT_EXCEEDED')
})

t.test('in production they answer, by https alone and to be asked so again', async (t) => {
  const origin = 'https://meet.example.org'
  const app = await serving(t, {
    config: {
      environment: 'production',
      publicUrl: origin,
      allowedOrigins: [origin],
      allowedHosts: ['meet.example.org'],
      forceHttps: true,
      trustedProxies: ['127.0.0.1'],
    },
    overrides: { database: await migratedDatabase(t) },
  })
  const ask = (url: string, proto: string) =>
    app.inject({
      url,
      headers: { host: 'meet.example.org', 'x-forwarded-proto': proto, accept: BROWSER },
    })
  for (const [url, status] of [...PAGES, '/assets/index-Ab12.js', '/nothing'].map(
    (path) => [path, path === '/nothing' ? 404 : 200] as const,
  )) {
    const answer = await ask(url, 'https')
    t.equal(answer.statusCode, status, url)
    t.match(answer.headers, { ...HEADERS, 'strict-transport-security': 'max-age=31536000; includeSubDomains' })
    t.notOk(answer.headers['access-control-allow-origin'])
    const led = await ask(url, 'http')
    t.equal(led.statusCode, 308)
    t.equal(led.headers.location, `${origin}${url}`)
  }
  t.equal((await app.inject({ url: '/', headers: { host: 'other.example.org' } })).statusCode, 400)
})

t.test('without a built client the API works, and the log says what is missing', async (t) => {
  const { logger, entries } = captureLog()
  const app = await buildTestApp(t, { overrides: { logger, webFolder: join(dataFolder(t), 'none') } })
  t.match(
    entries().filter(({ msg }) => /not built/.test(String(msg))),
    [{ msg: 'the browser client is not built: npm run build:web' }],
  )
  t.equal((await app.inject('/health')).statusCode, 200)
  t.equal((await app.inject('/api/v1/meetings')).statusCode, 401)
  for (const url of ['/', '/sign-in', '/nothing']) {
    const answer = await app.inject({ url, headers: { accept: BROWSER } })
    t.equal(answer.statusCode, 404, url)
    t.equal(answer.json().code, 'NOT_FOUND')
  }
})
