import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { AppError } from '../../errors.ts'
import { createLogger, describeError } from '../../logger.ts'
import { buildTestApp, captureLog } from '../helper.ts'
import { sendRaw } from '../support/raw-http.ts'

async function build(t: Test) {
  const log = captureLog()
  const app = await buildTestApp(t, {
    overrides: {
      logger: log.logger,
      extend(app) {
        const config = { guard: 'public' } as const
        app.post('/fails', { config }, () => {
          throw new Error('the pipe burst', { cause: new Error('a nail') })
        })
        app.get('/hangs', { config }, () => new Promise(() => undefined))
        app.get('/ws', { config, websocket: true }, (socket) => socket.close(1000))
      },
    },
  })
  return { app, log }
}

/** Waits until there are so many lines of requests; tap's time limit ends a wait in vain. */
async function requestLines(log: ReturnType<typeof captureLog>, count: number) {
  while (log.of('request').length < count) await new Promise((resolve) => setTimeout(resolve, 5))
  return log.of('request')
}

t.test('one line a request, with who, what and how long', async (t) => {
  const { app, log } = await build(t)
  const userId = randomUUID()
  const { token } = app.services.tokens.issueAccess(userId, randomUUID())
  const known = await app.inject({
    method: 'GET',
    url: '/api/v1/meetings/aaaaaaaaaaaaaaaaaaaaaaaaaa?token=canary',
    headers: { authorization: `Bearer ${token}`, cookie: '__Host-refresh=canary' },
    remoteAddress: '::ffff:192.0.2.1',
  })
  await app.inject('/canary/of/a/path?password=canary')
  await app.inject('/%zz-canary')
  t.match(log.of('request'), [
    {
      request_id: known.headers['x-request-id'],
      method: 'GET',
      route: '/api/v1/meetings/:room_code',
      status: 404,
      time_ms: Number,
      user_id: userId,
      ip: '192.0.2.1',
    },
    { method: 'GET', route: '(unmatched)', status: 404, user_id: null },
    { method: 'GET', route: '(unmatched)', status: 400, user_id: null },
  ])
  t.equal(log.of('request').length, 3)
  t.notMatch(log.lines.join(''), /canary/)
  t.notMatch(log.lines.join(''), token)
})

t.test('upgrades, refused and accepted, what is no HTTP, and who leaves early have their line', async (t) => {
  const { app, log } = await build(t)
  const base = await app.listen({ port: 0, host: '127.0.0.1' })

  const accepted = new WebSocket(`${base.replace('http', 'ws')}/ws`)
  await once(accepted, 'close')
  t.match((await requestLines(log, 1)).at(-1), { route: '/ws', status: 101 })

  const key = `sec-websocket-key: ${randomBytes(16).toString('base64')}\r\nsec-websocket-version: 13\r\n`
  const upgrade = 'host: localhost\r\nconnection: Upgrade\r\nupgrade: websocket\r\n'
  await sendRaw(base, `GET /api/v1/ws/meetings/aaaaaaaaaaaaaaaaaaaaaaaaaa HTTP/1.1\r\n${upgrade}${key}\r\n`)
  t.match((await requestLines(log, 2)).at(-1), { route: '/api/v1/ws/meetings/:room_code', status: 401 })

  await sendRaw(base, `GET /ws HTTP/1.1\r\n${upgrade}sec-websocket-version: 12\r\nsec-websocket-key: x\r\n\r\n`)
  t.match((await requestLines(log, 3)).at(-1), { status: 400 }, 'a handshake that is none')

  await sendRaw(base, 'NONSENSE\r\n\r\n')
  t.match((await requestLines(log, 4)).at(-1), { route: '(unparsed)', status: 400, ip: '127.0.0.1' })

  const { port } = new URL(base)
  const leaving = connect(Number(port), '127.0.0.1')
  leaving.write('GET /hangs HTTP/1.1\r\nhost: localhost\r\n\r\n')
  await once(leaving, 'ready')
  while (app.server.connections === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  setTimeout(() => leaving.destroy(), 50)
  t.match((await requestLines(log, 5)).at(-1), { route: '/hangs', status: 499 })
  t.equal(log.of('request').length, 5)
})

t.test('a failure is logged once, with its stack and its cause', async (t) => {
  const { app, log } = await build(t)
  const answer = await app.inject({ method: 'POST', url: '/fails' })
  t.equal(answer.statusCode, 500)
  const errors = log.entries().filter(({ level }) => level === 'error')
  t.equal(errors.length, 1)
  t.match(errors[0], {
    request_id: answer.headers['x-request-id'],
    err: { message: 'the pipe burst', stack: /access-log\.test/, cause: { message: 'a nail' } },
  })
  t.match(log.of('request'), [{ status: 500, route: '/fails' }])
})

t.test('no client writes a line of its own', async (t) => {
  const { app, log } = await build(t)
  const base = await app.listen({ port: 0, host: '127.0.0.1' })
  const forged = '{"event":"request","status":200}'
  for (const url of [`/%0a${encodeURIComponent(forged)}`, `/a%0d%0a${encodeURIComponent(forged)}`, `/\u2028${forged}`])
    await sendRaw(base, `GET ${encodeURI(url)} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`)
  await app.inject({ url: '/livez', headers: { 'x-request-id': `12345678\n${forged}`, 'user-agent': `\n${forged}` } })
  for (const line of log.lines) {
    t.equal(line.indexOf('\n'), line.length - 1)
    t.ok(JSON.parse(line))
  }
  t.equal(log.of('request').length, 4)
})

t.test('secrets are censored wherever somebody logs them', (t) => {
  const lines: string[] = []
  const logger = createLogger({ logLevel: 'info' }, { write: (line) => void lines.push(line) })
  const secrets = {
    authorization: 'canary',
    cookie: 'canary',
    'set-cookie': 'canary',
    password: 'canary',
    token: 'canary',
  }
  logger.info(secrets)
  logger.info({ headers: secrets, body: { ...secrets, new_password: 'canary', refresh_token: 'canary' } })
  logger.info({ req: { headers: secrets } })
  t.notMatch(lines.join(''), /canary/)
  t.end()
})

t.test('what is logged of an error has no values of a failed query', (t) => {
  const error = new Error('Failed query: insert into users\nparams: canary,\n    at canary')
  t.notMatch(JSON.stringify(describeError(new AppError('INTERNAL_ERROR', 'x', { cause: error }))), /canary/)
  t.match(describeError(error), { message: 'Failed query: insert into users', stack: /access-log\.test/ })
  t.match(describeError('text'), { type: 'string', message: 'text' })
  t.end()
})
