import { request } from 'node:http'
import t from 'tap'
import { newRoom, newUser, send } from '../support/client.ts'
import { startServer } from '../support/server-process.ts'
import { connect, ticketFor } from '../support/socket-client.ts'

t.test(
  'on SIGTERM requests in flight finish, sockets close 1001 with a hint to reconnect, and the process exits 0',
  async (t) => {
    const server = await startServer(t)
    const user = await newUser(server.url)
    const code = await newRoom(server.url, user.token)
    const socket = await connect(t, server.url, code, await ticketFor(server.url, code, user.token))
    await socket.next('welcome')

    // A request whose body is still on its way when the signal comes.
    const body = JSON.stringify({ name: 'Accepted before the signal' })
    const headers = {
      'content-type': 'application/json',
      'content-length': body.length,
      authorization: `Bearer ${user.token}`,
    }
    const inFlight = request(`${server.url}/api/v1/meetings`, { method: 'POST', headers })
    const answered = new Promise<number | undefined>((resolve, reject) => {
      inFlight.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject)
    })
    inFlight.write(body.slice(0, 10))
    await send(server.url, 'GET', '/livez')
    server.child.kill('SIGTERM')
    t.equal(await socket.closed, 1001)
    t.match(socket.closeReason(), /reconnect/)
    inFlight.end(body.slice(10))
    t.equal(await answered, 201)
    t.equal(await server.stop('SIGCONT'), 0)
  },
)

t.test('the settings and secrets of a run are in none of its lines', async (t) => {
  const secret = 'Zm9vYmFyYmF6cXV4cXV1eGNvcmdlZ3JhdWx0Z2FycGx5'
  const server = await startServer(t, { SECRET_KEY: secret })
  const user = await newUser(server.url)
  await send(server.url, 'POST', '/api/v1/auth/refresh-token', {
    headers: { cookie: user.cookie, 'x-csrf-token': user.csrfToken },
  })
  await send(server.url, 'GET', '/api/v1/users/me?access_token=in-the-query', { token: user.token })
  await send(server.url, 'POST', '/api/v1/auth/login', { body: { email: user.email, password: `${user.password}!` } })
  await send(server.url, 'GET', '/nowhere/%0AFake%20line')
  t.equal(await server.stop(), 0)
  const log = server.lines.join('\n')
  const refreshToken = user.cookie.match(/__Host-refresh=([^;]+)/)?.[1]
  t.ok(refreshToken)
  for (const value of [
    secret,
    user.token,
    user.password,
    user.csrfToken,
    refreshToken ?? '',
    user.email,
    'in-the-query',
  ]) {
    t.notOk(log.includes(value))
  }
  const lines = server.lines
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  t.notOk(server.lines.some((line) => line.startsWith('Fake')))
  const login = lines.filter((line) => line.route === '/api/v1/auth/login')
  t.equal(login.length, 2, 'one line a request')
  for (const line of login) t.hasProps(line, ['request_id', 'method', 'route', 'status', 'time_ms', 'ip'])
  t.ok(lines.some((line) => line.event === 'security' && line.action === 'login' && line.outcome === 'failure'))
})
