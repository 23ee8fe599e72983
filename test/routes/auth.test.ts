import { randomUUID } from 'node:crypto'
import type { FastifyInstance, InjectOptions } from 'fastify'
import t, { type Test } from 'tap'
import type { Config } from '../../config.ts'
import { buildTestApp } from '../helper.ts'
import { migratedDatabase } from '../support/database.ts'

const ORIGIN = 'https://app.example.org'
const PROFILE = { full_name: 'Ana Pérez', speaking_language: 'es', accepted_terms: true }
const newAccount = () => ({ email: `${randomUUID()}@example.org`, password: 'correct horse battery staple' })

/** A server as in staging; every one on the same database. */
const database = migratedDatabase(t)
async function build(t: Test, config: Partial<Config> = {}) {
  const staging = { environment: 'staging', publicUrl: 'https://meet.example.org', allowedOrigins: [ORIGIN] } as const
  return buildTestApp(t, { config: { ...staging, ...config }, overrides: { database: await database } })
}

function call(
  app: FastifyInstance,
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  options: InjectOptions = {},
) {
  return app.inject({ method, url: `/api/v1${path}`, ...options })
}

/** Signs up and in; how a browser would go on. */
async function signIn(app: FastifyInstance) {
  const account = newAccount()
  await call(app, 'POST', '/auth/signup', { payload: { ...account, ...PROFILE } })
  const answer = await call(app, 'POST', '/auth/login', { payload: account })
  const cookies = Object.fromEntries(answer.cookies.map(({ name, value }) => [name, value]))
  const { access_token, csrf_token } = answer.json()
  return { account, answer, cookies, csrf_token, bearer: { authorization: `Bearer ${access_token}` } }
}

t.test('a sign-in answers with both tokens, and sets cookies that browsers guard', async (t) => {
  const { account, answer, csrf_token } = await signIn(await build(t))
  t.equal(answer.statusCode, 200)
  t.match(answer.json(), {
    token_type: 'Bearer',
    expires_in: 900,
    user: { email: account.email, full_name: 'Ana Pérez', speaking_language: 'es', listening_language: 'es' },
  })
  t.equal(answer.headers['cache-control'], 'no-store')
  const guarded = { path: '/', secure: true, sameSite: 'Strict', maxAge: 7 * 86_400 }
  const [refresh, csrf] = ['__Host-refresh', '__Host-csrf'].map((name) => answer.cookies.find((c) => c.name === name))
  t.match(refresh, { ...guarded, httpOnly: true, value: /^[\w-]{43}$/ })
  t.match(csrf, { ...guarded, value: csrf_token })
  t.notOk(csrf?.httpOnly, 'our scripts read this one')
  t.notOk(refresh?.domain ?? csrf?.domain)
})

t.test(
  'a refresh asks for the CSRF token of the session, in the header and, when it is there, the cookie',
  async (t) => {
    const app = await build(t)
    const { cookies, csrf_token } = await signIn(app)
    const refresh = (cookies: Record<string, string>, headers: Record<string, string>) =>
      call(app, 'POST', '/auth/refresh-token', { cookies, headers })
    const only = { '__Host-refresh': cookies['__Host-refresh'] ?? '' }

    t.match((await refresh({}, { 'x-csrf-token': csrf_token })).json(), { code: 'UNAUTHENTICATED' })
    t.match((await refresh({ '__Host-refresh': 'A'.repeat(43) }, { 'x-csrf-token': csrf_token })).json(), {
      code: 'UNAUTHENTICATED',
    })
    t.match((await refresh(cookies, {})).json(), { code: 'CSRF_FAILED' })
    t.match((await refresh(cookies, { 'x-csrf-token': 'x.y' })).json(), { code: 'CSRF_FAILED' })
    const other = app.services.csrf.issue('another session')
    t.match((await refresh({ ...only, '__Host-csrf': other }, { 'x-csrf-token': other })).json(), {
      code: 'CSRF_FAILED',
    })
    t.match((await refresh({ ...only, '__Host-csrf': other }, { 'x-csrf-token': csrf_token })).json(), {
      code: 'CSRF_FAILED',
    })

    const answer = await refresh(only, { 'x-csrf-token': csrf_token })
    t.equal(answer.statusCode, 200, 'and none of that used the token up')
    const renewed = Object.fromEntries(answer.cookies.map(({ name, value }) => [name, value]))
    t.not(renewed['__Host-refresh'], cookies['__Host-refresh'])
    t.equal((await refresh(renewed, { 'x-csrf-token': answer.json().csrf_token })).statusCode, 200)
  },
)

t.test('a refresh from a page of somebody else is refused', async (t) => {
  const app = await build(t)
  const { cookies, csrf_token } = await signIn(app)
  const from = (origin: string) =>
    call(app, 'POST', '/auth/refresh-token', { cookies, headers: { origin, 'x-csrf-token': csrf_token } })
  for (const origin of ['https://evil.example', 'null', `${ORIGIN}.evil.example`, 'http://app.example.org'])
    t.match((await from(origin)).json(), { code: 'ORIGIN_NOT_ALLOWED' }, origin)
  t.equal((await from(ORIGIN)).statusCode, 200)
})

t.test('our own pages may refresh too', async (t) => {
  const app = await build(t)
  const { cookies, csrf_token } = await signIn(app)
  const headers = { origin: 'https://meet.example.org', 'x-csrf-token': csrf_token }
  t.equal((await call(app, 'POST', '/auth/refresh-token', { cookies, headers })).statusCode, 200)
})

t.test('who signs in anew gives up the session that the cookie held; a sign-in that fails ends nothing', async (t) => {
  const app = await build(t)
  const first = await signIn(app)
  const me = (bearer: { authorization: string }) => call(app, 'GET', '/users/me', { headers: bearer })
  const again = (password: string, cookies: Record<string, string>) =>
    call(app, 'POST', '/auth/login', { payload: { ...first.account, password }, cookies })

  t.equal((await again('correct horse battery stable', first.cookies)).statusCode, 401)
  t.equal((await me(first.bearer)).statusCode, 200, 'a wrong password ends nothing')
  t.equal((await again(first.account.password, {})).statusCode, 200)
  t.equal((await me(first.bearer)).statusCode, 200, 'another device ends nothing')

  const second = await again(first.account.password, first.cookies)
  t.equal(second.statusCode, 200)
  t.match((await me(first.bearer)).json(), { code: 'TOKEN_REVOKED' })
  const bearer = { authorization: `Bearer ${second.json().access_token}` }
  t.equal((await me(bearer)).statusCode, 200)
  const { sessions } = (await call(app, 'GET', '/auth/sessions', { headers: bearer })).json()
  t.equal(sessions.length, 2, 'of three sign-ins two are left')
  for (const stale of [first.cookies, { '__Host-refresh': 'A'.repeat(43) }, { '__Host-refresh': 'x' }])
    t.equal((await again(first.account.password, stale)).statusCode, 200, 'what stands for nothing is passed over')
})

t.test('signing out, and deleting the account, clear the cookies', async (t) => {
  const app = await build(t)
  const cleared = [
    { name: '__Host-refresh', value: '', secure: true, path: '/' },
    { name: '__Host-csrf', value: '', secure: true, path: '/' },
  ]
  for (const path of ['/auth/logout', '/auth/logout-all']) {
    const { bearer } = await signIn(app)
    const answer = await call(app, 'POST', path, { headers: bearer })
    t.equal(answer.statusCode, 204)
    t.match(answer.cookies, cleared)
    t.match((await call(app, 'GET', '/users/me', { headers: bearer })).json(), { code: 'TOKEN_REVOKED' })
  }
  const { account, bearer } = await signIn(app)
  const payload = { password: account.password }
  const answer = await call(app, 'DELETE', '/users/me', { headers: bearer, payload })
  t.equal(answer.statusCode, 204)
  t.match(answer.cookies, cleared)
})

t.test('where verification is required, who knows the password is told so, and nobody else', async (t) => {
  const app = await build(t, { requireEmailVerification: true })
  const account = newAccount()
  await call(app, 'POST', '/auth/signup', { payload: { ...account, ...PROFILE } })
  const login = (password: string) => call(app, 'POST', '/auth/login', { payload: { ...account, password } })
  t.match((await login('not the password at all')).json(), { code: 'INVALID_CREDENTIALS' })
  const answer = await login(account.password)
  t.equal(answer.statusCode, 403)
  t.match(answer.json(), { code: 'EMAIL_NOT_VERIFIED' })
  t.equal(answer.cookies.length, 0)
})

t.test('a profile is read and changed; what is not understood changes nothing', async (t) => {
  const app = await build(t)
  const { bearer } = await signIn(app)
  const patch = (payload: object) => call(app, 'PATCH', '/users/me', { headers: bearer, payload })
  t.match((await patch({ listening_language: 'de' })).json(), { listening_language: 'de', full_name: 'Ana Pérez' })
  for (const bad of [
    {},
    { full_name: '<b>Ana</b>' },
    { email: 'x@example.org' },
    { speaking_language: 'klingon!' },
    { full_name: 7 },
  ])
    t.equal((await patch(bad)).statusCode, 400, JSON.stringify(bad))
  const profile = (await call(app, 'GET', '/users/me', { headers: bearer })).json()
  t.strictSame(Object.keys(profile).sort(), [
    'created_at',
    'email',
    'email_verified',
    'full_name',
    'id',
    'listening_language',
    'role',
    'speaking_language',
    'totp_enabled',
  ])
  t.match(profile, { full_name: 'Ana Pérez', listening_language: 'de' })
})

t.test('asking for mail says the same for every address', async (t) => {
  const app = await build(t)
  const { account } = await signIn(app)
  for (const path of ['/auth/forgot-password', '/auth/resend-verification']) {
    const answers = await Promise.all(
      [account.email, 'nobody@example.org'].map((email) => call(app, 'POST', path, { payload: { email } })),
    )
    for (const answer of answers) t.equal(answer.statusCode, 202)
    t.equal(answers[0]?.body, answers[1]?.body)
  }
  for (const path of ['/auth/verify-email', '/auth/reset-password']) {
    const payload = { token: 'unknown', ...(path.includes('reset') ? { new_password: 'a new and longer phrase' } : {}) }
    const answer = await call(app, 'POST', path, { payload })
    t.match(answer.json(), { code: 'VALIDATION_ERROR', details: [{ field: 'body.token' }] })
  }
})
