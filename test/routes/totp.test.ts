import { Secret, TOTP } from 'otpauth'
import t from 'tap'
import { buildTestApp } from '../helper.ts'
import { backends } from '../support/backends.ts'
import { newUser, send } from '../support/client.ts'

interface Refusal {
  code: string
  message: string
  details: { field: string }[]
}

for (const backend of backends) {
  t.test(`a second factor, from setup to its end, over HTTP: ${backend.name}`, async (t) => {
    let time = Date.now()
    const config = { rateLimitAuthPerMinute: 1000 }
    const app = await buildTestApp(t, { backend, config, overrides: { now: () => new Date(time) } })
    const base = await app.listen({ port: 0, host: '127.0.0.1' })
    const { email, password, token, cookie, csrfToken } = await newUser(base)
    const totp = <T = Refusal>(path: string, body: object) =>
      send<T>(base, 'POST', `/api/v1/auth/totp/${path}`, { token, body })
    const login = (body: object) => send<Refusal>(base, 'POST', '/api/v1/auth/login', { body: { email, ...body } })

    t.match(await totp('confirm', { code: '000000' }), { status: 409, body: { code: 'CONFLICT' } })
    t.match(await totp('disable', { password, code: '000000' }), { status: 409, body: { code: 'CONFLICT' } })
    t.match(await totp('setup', { password: 'not the password!' }), {
      status: 401,
      body: { code: 'INVALID_CREDENTIALS' },
    })
    for (const [path, body] of [
      ['setup', {}],
      ['setup', { password, code: '1' }],
      ['confirm', { code: 123456 }],
      ['confirm', { code: '1'.repeat(17) }],
      ['disable', { password, code: 'a'.repeat(65) }],
    ] as const)
      t.match(
        await totp(path, body),
        { status: 400, body: { code: 'VALIDATION_ERROR' } },
        `${path} ${JSON.stringify(body)}`,
      )

    const setup = await totp<{ secret: string; otpauth_url: string }>('setup', { password })
    t.equal(setup.status, 200)
    t.equal(setup.headers.get('cache-control'), 'no-store')
    const app2fa = new TOTP({ secret: Secret.fromBase32(setup.body.secret) })
    const code = () => app2fa.generate({ timestamp: time })
    t.equal((await login({ password })).status, 200, 'nothing has changed yet')
    const confirmed = await totp<{ recovery_codes: string[] }>('confirm', { code: code() })
    t.equal(confirmed.status, 200)
    t.equal(confirmed.body.recovery_codes.length, 10)

    const plain = await login({ password: 'not the password!', totp: '000000' })
    t.match(plain, { status: 401, body: { code: 'INVALID_CREDENTIALS', details: [] } })
    for (const body of [{ password }, { password, totp: code() }])
      t.match(
        await login(body),
        { status: 401, body: { code: 'INVALID_CREDENTIALS', details: [{ field: 'body.totp' }] } },
        'missing, and used up by the confirmation',
      )
    t.equal((await login({ password, totp: '1'.repeat(65) })).status, 400)
    time += 30_000
    const signedIn = await login({ password, totp: code() })
    t.match(signedIn, { status: 200, body: { user: { totp_enabled: true } } })
    t.match((await send(base, 'GET', '/api/v1/users/me', { token })).body, { totp_enabled: true })
    const refreshed = await send(base, 'POST', '/api/v1/auth/refresh-token', {
      headers: { cookie, 'x-csrf-token': csrfToken },
    })
    t.equal(refreshed.status, 200, 'a session that is there goes on without another code')

    const [recovery = ''] = confirmed.body.recovery_codes
    t.match(await totp('disable', { password, code: '000000' }), {
      status: 401,
      body: { details: [{ field: 'body.code' }] },
    })
    t.equal((await totp('disable', { password, code: recovery })).status, 204)
    t.match(await login({ password }), { status: 200, body: { user: { totp_enabled: false } } })
  })
}

t.test('one-time passwords are for users', async (t) => {
  const app = await buildTestApp(t)
  const guest = app.services.tokens.issueGuest('p', 'r').token
  for (const [path, payload] of [
    ['setup', { password: 'x' }],
    ['confirm', { code: '000000' }],
    ['disable', { password: 'x', code: '000000' }],
  ] as const) {
    const url = `/api/v1/auth/totp/${path}`
    t.match((await app.inject({ method: 'POST', url, payload })).json(), { code: 'UNAUTHENTICATED' })
    const headers = { authorization: `Bearer ${guest}` }
    t.match((await app.inject({ method: 'POST', url, payload, headers })).json(), { code: 'FORBIDDEN' })
  }
})
