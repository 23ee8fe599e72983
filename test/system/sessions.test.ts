import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { buildTestApp } from '../helper.ts'
import { backends } from '../support/backends.ts'
import { newUser, type SignedIn, send, signIn, signUp } from '../support/client.ts'

interface Failure {
  code: string
  details: { field: string }[]
}

/** An app on a real port, with a clock that the test moves. */
async function listen(t: Test, addresses: { redisUrl: string | null; databaseUrl: string | null }) {
  const config = { ...addresses, rateLimitAuthPerMinute: 10_000, rateLimitDefaultPerMinute: 100_000 }
  let offsetMs = 0
  const app: FastifyInstance = await buildTestApp(t, {
    config,
    overrides: { now: () => new Date(Date.now() + offsetMs) },
  })
  const base = await app.listen({ host: '127.0.0.1', port: 0 })
  const pass = (ms: number) => {
    offsetMs += ms
  }
  return { base, outbox: app.services.outboxFolder, pass }
}

const refresh = (base: string, session: Pick<SignedIn, 'cookie' | 'csrfToken'>, headers: Record<string, string> = {}) =>
  send<Failure & { access_token: string }>(base, 'POST', '/api/v1/auth/refresh-token', {
    headers: { cookie: session.cookie, 'x-csrf-token': session.csrfToken, ...headers },
  })

const me = (base: string, token: string) =>
  send<Failure & { email: string }>(base, 'GET', '/api/v1/users/me', { token })

function cookieOf(headers: Headers, name: string): string | undefined {
  return headers
    .getSetCookie()
    .find((cookie) => cookie.startsWith(`${name}=`))
    ?.split(';')[0]
}

/** The newest mail to that address in the outbox, and the token in its link. */
async function mailTo(folder: string, email: string, seen: ReadonlySet<string> = new Set()) {
  for (let attempt = 0; attempt < 100; attempt++) {
    const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.eml') && !seen.has(file))
    for (const file of files.sort().reverse()) {
      const text = await readFile(join(folder, file), 'utf8')
      if (!text.includes(email)) continue
      const plain = text.replaceAll('=\r\n', '').replaceAll('=3D', '=')
      return { file, text, token: /#token=([A-Za-z0-9_-]+)/.exec(plain)?.[1] ?? '' }
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`no mail to ${email}`)
}

for (const backend of backends) {
  t.test(`sessions, ${backend.name}`, async (t) => {
    const { base, outbox, pass } = await listen(t, await backend.open(t))

    await t.test('concurrent refreshes with one token leave exactly one family, with one successor', async (t) => {
      const user = await newUser(base)
      const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(base, user)))
      t.strictSame([...new Set(answers.map(({ status }) => status))], [200])
      const successors = new Set(answers.map(({ headers }) => cookieOf(headers, '__Host-refresh')))
      t.equal(successors.size, 1)
      const sessions = await send<{ sessions: unknown[] }>(base, 'GET', '/api/v1/auth/sessions', { token: user.token })
      t.equal(sessions.body.sessions.length, 1)
    })

    await t.test('a replayed refresh token ends its family, the newest token included', async (t) => {
      const user = await newUser(base)
      const first = await refresh(base, user)
      const successor = {
        ...user,
        cookie: user.cookie.replace(/__Host-refresh=[^;]+/, cookieOf(first.headers, '__Host-refresh') ?? ''),
      }
      pass(11_000)
      const replayed = await refresh(base, user)
      t.equal(replayed.status, 401)
      t.equal(replayed.body.code, 'TOKEN_REVOKED')
      t.equal((await refresh(base, successor)).status, 401)
      t.equal((await me(base, first.body.access_token)).body.code, 'TOKEN_REVOKED')
      t.equal((await signIn(base, user)).userId, user.userId, 'the account itself goes on')
    })

    await t.test('an idle session and one past its absolute end are over', async (t) => {
      const idle = await newUser(base)
      pass(8 * 86_400_000)
      t.equal((await refresh(base, idle)).status, 401)
    })

    await t.test('a refresh needs the cookie, the CSRF token of that session and an allowed origin', async (t) => {
      const [user, other] = [await newUser(base), await newUser(base)]
      t.equal((await refresh(base, { ...user, cookie: '' })).status, 401)
      for (const csrfToken of ['', 'x', other.csrfToken, `${user.csrfToken}x`]) {
        const refused = await refresh(base, { ...user, csrfToken })
        t.equal(refused.status, 403)
        t.equal(refused.body.code, 'CSRF_FAILED')
      }
      t.equal((await refresh(base, user)).status, 200, 'and nothing was used up')
    })

    await t.test(
      'the refresh cookie cannot be read by script, sent across sites or set for another path',
      async (t) => {
        const account = await signUp(base)
        const answer = await send(base, 'POST', '/api/v1/auth/login', { body: account })
        const cookie = answer.headers.getSetCookie().find((value) => value.startsWith('__Host-refresh='))
        for (const attribute of ['HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/'])
          t.match(cookie, new RegExp(attribute))
        t.notMatch(JSON.stringify(answer.body), cookie?.split(/[=;]/)[1] ?? 'missing')
      },
    )

    await t.test('logout ends this session at once, logout-all every one', async (t) => {
      const user = await newUser(base)
      const [second, third] = [await signIn(base, user), await signIn(base, user)]
      t.equal((await send(base, 'POST', '/api/v1/auth/logout', { token: second.token })).status, 204)
      t.equal((await me(base, second.token)).body.code, 'TOKEN_REVOKED')
      t.equal((await refresh(base, second)).status, 401)
      t.equal((await me(base, third.token)).status, 200)
      t.equal((await send(base, 'POST', '/api/v1/auth/logout-all', { token: user.token })).status, 204)
      for (const session of [user, third]) {
        t.equal((await me(base, session.token)).body.code, 'TOKEN_REVOKED')
        t.equal((await refresh(base, session)).status, 401)
      }
    })

    await t.test('a session of one’s own is listed and revoked; another’s is not found', async (t) => {
      const [user, stranger] = [await newUser(base), await newUser(base)]
      const second = await signIn(base, user)
      const list = await send<{ sessions: { id: string; current: boolean }[] }>(base, 'GET', '/api/v1/auth/sessions', {
        token: user.token,
      })
      t.equal(list.body.sessions.length, 2)
      const other = list.body.sessions.find(({ current }) => !current)
      const path = `/api/v1/auth/sessions/${other?.id}`
      t.equal((await send<Failure>(base, 'DELETE', path, { token: stranger.token })).body.code, 'NOT_FOUND')
      t.equal((await me(base, second.token)).status, 200)
      t.equal((await send(base, 'DELETE', path, { token: user.token })).status, 204)
      t.equal((await me(base, second.token)).body.code, 'TOKEN_REVOKED')
      t.equal((await me(base, user.token)).status, 200)
    })

    await t.test('a taken address gets the same answer, and its owner a mail', async (t) => {
      const account = await signUp(base)
      const verify = await mailTo(outbox, account.email)
      await send(base, 'POST', '/api/v1/auth/verify-email', { body: { token: verify.token } })
      const body = {
        email: account.email.toUpperCase(),
        password: 'another long password',
        full_name: 'Eve',
        accepted_terms: true,
      }
      const again = await send<Record<string, unknown>>(base, 'POST', '/api/v1/auth/signup', { body })
      const fresh = await send<Record<string, unknown>>(base, 'POST', '/api/v1/auth/signup', {
        body: { ...body, email: `new-${account.email}` },
      })
      t.equal(again.status, 201)
      t.strictSame(Object.keys(again.body), Object.keys(fresh.body))
      t.equal(
        (await mailTo(outbox, account.email, new Set([verify.file]))).token,
        '',
        'a mail without a link that signs anybody in',
      )
      t.equal((await signIn(base, account)).email, account.email, 'the account is as it was')
      t.equal(
        (await send(base, 'POST', '/api/v1/auth/login', { body: { email: account.email, password: body.password } }))
          .status,
        401,
      )
    })

    await t.test('an address is verified once, by the link in the mail', async (t) => {
      const account = await signUp(base)
      const { token } = await mailTo(outbox, account.email)
      const verify = () => send<Failure>(base, 'POST', '/api/v1/auth/verify-email', { body: { token } })
      t.equal((await verify()).status, 204)
      t.ok((await verify()).status >= 400)
      const user = await signIn(base, account)
      t.match(await me(base, user.token), { body: { email_verified: true } })
    })

    await t.test('a reset link works once, and ends every session', async (t) => {
      const user = await newUser(base)
      const seen = new Set([(await mailTo(outbox, user.email)).file])
      const unknown = await send(base, 'POST', '/api/v1/auth/forgot-password', {
        body: { email: 'nobody@example.org' },
      })
      const known = await send(base, 'POST', '/api/v1/auth/forgot-password', { body: { email: user.email } })
      t.strictSame([known.status, known.body], [unknown.status, unknown.body])
      t.equal(known.status, 202)
      const { token } = await mailTo(outbox, user.email, seen)
      const newPassword = 'a new and longer password'
      const reset = (password: string) =>
        send<Failure>(base, 'POST', '/api/v1/auth/reset-password', { body: { token, new_password: password } })
      t.equal((await reset('short')).status, 400, 'a refused password does not use the link up')
      t.equal((await reset(newPassword)).status, 204)
      t.ok((await reset('yet another password')).status >= 400)
      t.equal((await me(base, user.token)).body.code, 'TOKEN_REVOKED')
      t.equal((await signIn(base, { email: user.email, password: newPassword })).userId, user.userId)
    })

    await t.test('a reset link is over after ten minutes', async (t) => {
      const user = await newUser(base)
      const seen = new Set([(await mailTo(outbox, user.email)).file])
      await send(base, 'POST', '/api/v1/auth/forgot-password', { body: { email: user.email } })
      const { token } = await mailTo(outbox, user.email, seen)
      pass(601_000)
      const late = await send<Failure>(base, 'POST', '/api/v1/auth/reset-password', {
        body: { token, new_password: 'a new and longer password' },
      })
      t.ok(late.status === 400 || late.status === 401, String(late.status))
    })

    await t.test('after five failures the pair of account and address waits, known account or not', async (t) => {
      const account = await signUp(base)
      for (const email of [account.email, 'nobody-at-all@example.org']) {
        const login = (password: string) =>
          send<Failure>(base, 'POST', '/api/v1/auth/login', { body: { email, password } })
        const codes = []
        for (let i = 0; i < 5; i++) codes.push((await login('a wrong password')).body.code)
        t.strictSame(codes, Array(5).fill('INVALID_CREDENTIALS'))
        const refused = await login(account.password)
        t.equal(refused.status, 429)
        t.ok(Number(refused.headers.get('retry-after')) > 800)
      }
    })

    await t.test('a changed password ends the other sessions and keeps this one', async (t) => {
      const user = await newUser(base)
      const other = await signIn(base, user)
      const change = (current: string, next: string) =>
        send<Failure>(base, 'POST', '/api/v1/auth/change-password', {
          token: user.token,
          body: { current_password: current, new_password: next },
        })
      t.equal((await change('not the password', 'a new and longer password')).status, 401)
      t.equal((await me(base, other.token)).status, 200)
      t.equal((await change(user.password, 'a new and longer password')).status, 204)
      t.equal((await me(base, user.token)).status, 200)
      t.equal((await me(base, other.token)).body.code, 'TOKEN_REVOKED')
    })

    await t.test('deletion asks for the password, and erases', async (t) => {
      const user = await newUser(base)
      const remove = (password: string) =>
        send<Failure>(base, 'DELETE', '/api/v1/users/me', { token: user.token, body: { password } })
      t.equal((await remove('not the password')).status, 401)
      t.equal((await me(base, user.token)).status, 200)
      t.equal((await remove(user.password)).status, 204)
      t.equal((await me(base, user.token)).status, 401)
      t.equal(
        (await send(base, 'POST', '/api/v1/auth/login', { body: { email: user.email, password: user.password } }))
          .status,
        401,
      )
    })

    await t.test('a bad sign-up names the field and changes nothing', async (t) => {
      const good = {
        email: 'zoe@example.org',
        password: 'a long enough password',
        full_name: 'Zoë O’Brien',
        accepted_terms: true,
      }
      const cases: [string, object][] = [
        ['body.email', { email: 'zoe' }],
        ['body.email', { email: 'zoe@example.org\r\nBcc: all@example.org' }],
        ['body.password', { password: 'short' }],
        ['body.password', { password: 'passwordpassword' }],
        ['body.password', { password: 'zoe@example.org' }],
        ['body.full_name', { full_name: '<script>alert(1)</script>' }],
        ['body.full_name', { full_name: 'Zo\u202e\u00eb' }],
        ['body.accepted_terms', { accepted_terms: false }],
        ['body.role', { role: 'admin' }],
      ]
      for (const [field, change] of cases) {
        const refused = await send<Failure>(base, 'POST', '/api/v1/auth/signup', { body: { ...good, ...change } })
        t.equal(refused.status, 400, JSON.stringify(change))
        t.equal(refused.body.code, 'VALIDATION_ERROR')
        t.equal(refused.body.details[0]?.field, field)
      }
      t.equal(
        (await send(base, 'POST', '/api/v1/auth/login', { body: { email: good.email, password: good.password } }))
          .status,
        401,
      )
    })
  })
}
