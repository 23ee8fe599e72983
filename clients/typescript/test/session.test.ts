import t from 'tap'
import { signIn, signUp } from '../../../test/support/client.ts'
import { listen } from '../../../test/support/meeting-app.ts'
import { createSession } from '../src/index.ts'

/** A fetch that remembers the paths it was asked for, and fails for those that are away. */
function watchedFetch() {
  const paths: string[] = []
  const away = new Set<string>()
  const watched: typeof fetch = async (input, init) => {
    const { pathname } = new URL(String(input))
    paths.push(pathname.replace('/api/v1', ''))
    if (away.has(paths.at(-1) ?? '')) throw new TypeError('fetch failed')
    return fetch(input, init)
  }
  return { paths, away, fetch: watched }
}

t.test('a user signs in, calls, and signs out', async (t) => {
  const app = await listen(t)
  const account = await signUp(app.base)
  const users: (string | undefined)[] = []
  const session = createSession({ baseUrl: app.base, onUser: (user) => users.push(user?.email) })
  t.equal(session.user, undefined)
  t.equal(await session.resume(), null)
  await t.rejects(session.signIn({ ...account, password: 'wrong' }), { code: 'INVALID_CREDENTIALS' })
  t.match(await session.signIn(account), { email: account.email })
  t.match(await session.call('GET /users/me'), { email: account.email })
  t.equal(session.user?.email, account.email)
  await session.signOut()
  t.equal(session.user, null)
  await t.rejects(session.call('GET /users/me'), { code: 'UNAUTHENTICATED' })
  t.strictSame(users, [undefined, account.email, undefined])
})

t.test('a token that is about to end is renewed first, once for all calls, with a cookie that rotates', async (t) => {
  const app = await listen(t, { accessTokenTtlSeconds: 29 })
  const account = await signUp(app.base)
  const { paths, fetch } = watchedFetch()
  const session = createSession({ baseUrl: app.base, fetch })
  await session.signIn(account)
  for (let round = 0; round < 3; round++)
    await Promise.all([session.call('GET /users/me'), session.call('GET /auth/sessions')])
  t.equal(paths.filter((path) => path === '/auth/refresh-token').length, 3)
  t.equal((await session.call('GET /auth/sessions')).sessions.length, 1)
})

t.test(
  'a token that the server takes no more is renewed; where the session has ended, nobody is signed in',
  async (t) => {
    const app = await listen(t, { accessTokenTtlSeconds: 31 })
    const account = await signUp(app.base)
    const { paths, fetch } = watchedFetch()
    const session = createSession({ baseUrl: app.base, fetch })
    await session.signIn(account)
    const elsewhere = await signIn(app.base, account)
    t.equal(await app.post('/api/v1/auth/logout-all', elsewhere.token), 204)
    await t.rejects(session.call('GET /users/me'), { code: 'TOKEN_REVOKED' })
    t.equal(session.user, null)
    t.strictSame(paths, ['/auth/login', '/users/me', '/auth/refresh-token'])
    await session.signIn(account)
    t.match(await session.call('GET /users/me'), { email: account.email })
  },
)

t.test('a server that is away signs nobody out', async (t) => {
  const app = await listen(t, { accessTokenTtlSeconds: 29 })
  const account = await signUp(app.base)
  const { away, fetch } = watchedFetch()
  const session = createSession({ baseUrl: app.base, fetch })
  await session.signIn(account)
  away.add('/auth/refresh-token')
  await t.rejects(session.call('GET /users/me'), { code: 'NO_SERVER' })
  t.match(await session.resume(), { email: account.email })
  away.clear()
  t.match(await session.call('GET /users/me'), { email: account.email })
  away.add('/auth/logout')
  await t.rejects(session.signOut(), { code: 'NO_SERVER' })
  t.equal(session.user?.email, account.email)
})
