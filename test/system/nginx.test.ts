import { connect as connectTls } from 'node:tls'
import t, { type Test } from 'tap'
import { newRoom, newUser, send, signUp } from '../support/client.ts'
import { startFleet } from '../support/fleet.ts'
import { connect, ticketFor } from '../support/socket-client.ts'
import { startClient } from '../support/terminal-client.ts'

/** What the server agrees to speak over TLS. */
function negotiated(url: string): Promise<string | false | null> {
  const { hostname: host, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host, port: Number(port), servername: host, ALPNProtocols: ['h2', 'http/1.1'] }, () => {
      resolve(socket.alpnProtocol)
      socket.destroy()
    }).on('error', reject)
  })
}

/** What the processes put on every answer, nginx puts on its own. */
function guarded(t: Test, { headers }: { headers: Headers }): void {
  t.match(headers.get('content-security-policy'), "default-src 'none'; frame-ancestors 'none'")
  t.match(headers.get('strict-transport-security'), 'max-age=31536000; includeSubDomains')
  t.equal(headers.get('x-content-type-options'), 'nosniff')
}

t.test('two processes behind nginx', async (t) => {
  const { nginx, servers, restart } = await startFleet(t)
  const base = nginx.url

  await t.test('the shipped configuration is valid', async (t) => {
    t.equal(nginx.check.status, 0, nginx.check.text)
    t.notMatch(nginx.check.text, /warn/)
    t.equal(await negotiated(base), 'h2')
  })

  await t.test('a visit by plain http is sent to https, a call is refused', async (t) => {
    const answer = await fetch(`${nginx.httpUrl}/join/x`, { redirect: 'manual', headers: { host: 'evil.example' } })
    t.equal(answer.status, 308)
    t.equal(answer.headers.get('location'), `${base}/join/x`)
    const call = await send(nginx.httpUrl, 'GET', '/api/v1/users/me', { token: 'a.b.c' })
    t.match(call, { status: 403, body: { status: 'error', code: 'FORBIDDEN', message: 'Use https.' } })
  })

  await t.test('calls get the processes’ own answers and headers, and nginx does not tell its version', async (t) => {
    const answer = await send<{ code: string }>(base, 'GET', '/nowhere')
    t.match(answer, { status: 404, body: { code: 'NOT_FOUND' } })
    t.equal(answer.headers.get('server'), 'nginx')
    t.ok(answer.headers.get('content-security-policy'))
    t.match(answer.headers.get('strict-transport-security'), 'max-age=31536000')
  })

  await t.test('a client cannot claim another address, scheme or host', async (t) => {
    const account = await signUp(base)
    const headers = {
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'evil.example',
      forwarded: 'for=203.0.113.8;proto=http;host=evil.example',
    }
    const answer = await send(base, 'POST', '/api/v1/auth/login', { body: account, headers })
    t.equal(answer.status, 200, 'http would have been refused')
    const lines = servers.flatMap((server) => server.lines).filter((line) => line.includes('/api/v1/auth/login'))
    await new Promise((resolve) => setTimeout(resolve, 0))
    t.notMatch(lines.join('\n'), /203\.0\.113|evil/)
  })

  await t.test('what is too large is refused in the known words, by whichever notices', async (t) => {
    const { token } = await newUser(base)
    for (const bytes of [2, 13]) {
      const body = { name: 'x'.repeat(bytes * 1_048_576) }
      const answer = await send<{ code: string }>(base, 'POST', '/api/v1/meetings', { token, body })
      t.match(answer, { status: 413, body: { status: 'error', code: 'PAYLOAD_TOO_LARGE', request_id: String } })
      guarded(t, answer)
    }
    const answer = await send(base, 'GET', '/livez', { headers: { 'x-long': 'x'.repeat(40_000) } })
    t.match(answer, { status: 400, body: { status: 'error', code: 'MALFORMED_REQUEST', request_id: String } })
    guarded(t, answer)
  })

  await t.test('a socket outlives its process: the client resumes through the other', async (t) => {
    const host = await newUser(base)
    const code = await newRoom(base, host.token)
    const environment = { NODE_EXTRA_CA_CERTS: nginx.certificate }
    const clients = ['Ann', 'Bob'].map((name) =>
      startClient(t, [`${base}/join/${code}`, '--name', name, '--speaking', 'en', '--listening', 'en'], environment),
    )
    const [ann, bob] = clients as [(typeof clients)[0], (typeof clients)[0]]
    await Promise.all(clients.map((client) => client.printed('* You are in')))
    ann.type('One.')
    await bob.printed('Ann: One.')
    // A ticket is used once, and nowhere written down.
    const ticket = await ticketFor(base, code, host.token)
    const socket = await connect(t, base, code, ticket)
    await socket.next('welcome')

    const [, survivor] = servers
    await servers[0]?.stop('SIGKILL')
    for (const text of ['Two.', 'Three.']) {
      ann.type(text)
      await bob.printed(`Ann: ${text}`)
    }
    bob.type('Four.')
    await ann.printed('Bob: Four.')
    t.equal((await send(base, 'GET', '/api/v1/users/me', { token: host.token })).status, 200)
    for (const client of clients)
      for (const text of ['One.', 'Two.', 'Three.']) t.equal(client.text().split(`Ann: ${text}`).length, 2, text)
    t.ok(
      clients.some((client) => client.text().includes('* Not connected')) || socket.ws.readyState === socket.ws.CLOSED,
    )

    await survivor?.stop('SIGKILL')
    const refused = await send<{ code: string }>(base, 'GET', '/api/v1/users/me', { token: host.token })
    t.match(refused, { status: 503, body: { status: 'error', code: 'SERVICE_UNAVAILABLE' } })
    t.equal(refused.headers.get('retry-after'), '2')
    await restart(0)
    ann.type('Five.')
    await bob.printed('Ann: Five.')
    t.notMatch(nginx.log(), ticket)
    t.match(nginx.log(), `/api/v1/ws/meetings/${code}`)
  })
})
