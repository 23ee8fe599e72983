import t from 'tap'
import { openPair } from '../support/app-pair.ts'
import { type SignedIn, send, signIn } from '../support/client.ts'
import { listen, type MeetingApp } from '../support/meeting-app.ts'

t.test('sockets follow their token on every process', async (t) => {
  const { one, two } = await openPair(t)

  /** A socket of the user at each process. */
  async function sockets(user: SignedIn) {
    const code = await one.room(user)
    return [await one.enter(code, user.token), await two.enter(code, user.token)]
  }
  const ends = async (open: Awaited<ReturnType<typeof sockets>>) => Promise.all(open.map(({ closed }) => closed))
  const call = async (app: MeetingApp, method: string, path: string, token: string, body?: object) =>
    (await send(app.base, method, `/api/v1${path}`, { token, ...(body ? { body } : {}) })).status

  await t.test('a logout', async (t) => {
    const user = await one.user()
    const open = await sockets(user)
    t.equal(await call(two, 'POST', '/auth/logout', user.token), 204)
    t.strictSame(await ends(open), [4401, 4401])
  })

  await t.test('a password change ends the sockets of the other sessions, not its own', async (t) => {
    const user = await one.user()
    const open = await sockets(user)
    const again = await signIn(two.base, user)
    const kept = await sockets(again)
    const body = { current_password: user.password, new_password: `another ${user.password}` }
    t.equal(await call(two, 'POST', '/auth/change-password', again.token, body), 204)
    t.strictSame(await ends(open), [4401, 4401])
    for (const socket of kept) {
      socket.send({ type: 'ping' })
      await socket.next('pong')
    }
  })

  await t.test('a session that its user revokes elsewhere', async (t) => {
    const user = await one.user()
    const open = await sockets(user)
    const again = await signIn(two.base, user)
    const list = await send<{ sessions: { id: string; current: boolean }[] }>(
      two.base,
      'GET',
      '/api/v1/auth/sessions',
      {
        token: again.token,
      },
    )
    const other = list.body.sessions.find(({ current }) => !current)
    t.equal(await call(two, 'DELETE', `/auth/sessions/${other?.id}`, again.token), 204)
    t.strictSame(await ends(open), [4401, 4401])
  })

  await t.test('the deletion of the account', async (t) => {
    const [host, user] = [await one.user(), await one.user()]
    const code = await one.room(host)
    await one.join(code, user.token)
    const watcher = await two.enter(code, host.token)
    const open = [await one.enter(code, user.token), await two.enter(code, user.token)]
    t.equal(await call(two, 'DELETE', '/users/me', user.token, { password: user.password }), 204)
    for (const code of await ends(open)) t.ok([1000, 4401].includes(code), `closed with ${code}`)
    await watcher.next('participant.left')
  })
})

t.test('a token that expires takes its socket with it', async (t) => {
  const app = await listen(t, { accessTokenTtlSeconds: 3 })
  const user = await app.user()
  const socket = await app.enter(await app.room(user), user.token)
  t.equal(await socket.closed, 4401)
})
