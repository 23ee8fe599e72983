import { eq } from 'drizzle-orm'
import t, { type Test } from 'tap'
import { apiKeys } from '../../repositories/schema.ts'
import { buildTestApp } from '../helper.ts'
import { byKey, newApiKey, PATH } from '../support/api-keys.ts'
import { openPair } from '../support/app-pair.ts'
import { backends } from '../support/backends.ts'
import { newRoom, newUser, send } from '../support/client.ts'
import { connect, type SocketOptions } from '../support/socket-client.ts'
import { until } from '../support/states.ts'

const LIMITS = { rateLimitAuthPerMinute: 1000, rateLimitDefaultPerMinute: 10_000 }

/** A ticket that a machine asks for. */
async function ticketOf(base: string, code: string, key: string): Promise<string> {
  const answer = await byKey<{ ticket: string }>(base, key, 'POST', `/api/v1/meetings/${code}/ws-ticket`)
  if (answer.status !== 200) throw new Error(`ws-ticket answered ${answer.status}: ${JSON.stringify(answer.body)}`)
  return answer.body.ticket
}

/** A socket that a machine opens with its key in a header. */
function withKey(t: Test, base: string, code: string, key: string, options: SocketOptions = {}) {
  return connect(t, base, code, undefined, { ...options, headers: { 'x-api-key': key, ...options.headers } })
}

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const app = await buildTestApp(t, { backend, config: LIMITS })
    const base = await app.listen({ port: 0, host: '127.0.0.1' })
    const { db } = app.services.database
    const ana = await newUser(base)

    await t.test('a machine makes a room, joins it and speaks there as its user', async (t) => {
      const { key } = await newApiKey(base, ana.token)
      const made = await byKey<{ room_code: string }>(base, key, 'POST', '/api/v1/meetings', { name: 'By machine' })
      t.equal(made.status, 201)
      const code = made.body.room_code
      const joined = await byKey(base, key, 'POST', `/api/v1/meetings/${code}/join`, {})
      t.match(joined, {
        status: 200,
        body: { status: 'joined', participant: { display_name: 'Ana Pérez', role: 'host' } },
      })
      t.notOk('guest_token' in joined.body)
      const byTicket = await connect(t, base, code, await ticketOf(base, code, key))
      await byTicket.next('welcome')
      const byHeader = await withKey(t, base, code, key)
      await byHeader.next('welcome')
      byHeader.send({ type: 'say', text: 'Good morning.' })
      t.match(await byTicket.next('caption'), { source_text: 'Good morning.' })
      const left = await byKey(base, key, 'POST', `/api/v1/meetings/${code}/leave`)
      t.equal(left.status, 204)
      t.equal(await byTicket.closed, 1000)
    })

    await t.test('what a key may not do it may not do by a socket', async (t) => {
      const code = await newRoom(base, ana.token)
      const reads = await newApiKey(base, ana.token, { scopes: ['meetings:read'] })
      t.match((await withKey(t, base, code, reads.key)).refusal, { status: 403, body: { code: 'FORBIDDEN' } })
      const ticket = await byKey(base, reads.key, 'POST', `/api/v1/meetings/${code}/ws-ticket`)
      t.equal(ticket.status, 403)
      const stranger = await newApiKey(base, (await newUser(base)).token)
      t.match((await withKey(t, base, code, stranger.key)).refusal, { status: 404 })
      const elsewhere = await newApiKey(base, ana.token, { allowed_networks: ['203.0.113.0/24'] })
      t.match((await withKey(t, base, code, elsewhere.key)).refusal, { status: 403 })
      const { key } = await newApiKey(base, ana.token)
      const both = { headers: { authorization: `Bearer ${ana.token}` } }
      t.match((await withKey(t, base, code, key, both)).refusal, { status: 401 })
    })

    await t.test('fifty sockets a key, beside those of its user; the next one is a 429', async (t) => {
      const code = await newRoom(base, ana.token)
      const [one, two] = [await newApiKey(base, ana.token), await newApiKey(base, ana.token)]
      const sockets = []
      for (let opened = 0; opened < 50; opened++) {
        const ticket = opened % 2 ? await ticketOf(base, code, one.key) : undefined
        const socket = ticket ? await connect(t, base, code, ticket) : await withKey(t, base, code, one.key)
        sockets.push(socket)
      }
      t.ok(sockets.every(({ refusal }) => refusal === null))
      const [byHeader, byTicket] = [
        await withKey(t, base, code, one.key),
        await connect(t, base, code, await ticketOf(base, code, one.key)),
      ]
      for (const { refusal } of [byHeader, byTicket]) {
        t.match(refusal, { status: 429, body: { code: 'RATE_LIMIT_EXCEEDED' } })
        t.match(refusal?.headers['retry-after'], /^[1-9]\d*$/)
      }
      t.equal((await withKey(t, base, code, two.key)).refusal, null, 'another key has places of its own')
      t.equal((await connect(t, base, code, undefined, { token: ana.token })).refusal, null, 'and so has the user')
      sockets[0]?.close()
      await sockets[0]?.closed
      await until(async () => (await withKey(t, base, code, one.key)).refusal === null)
    })

    await t.test('revoking a key closes its sockets and its tickets, and nobody else’s', async (t) => {
      const code = await newRoom(base, ana.token)
      const [one, two] = [await newApiKey(base, ana.token), await newApiKey(base, ana.token)]
      const ticket = await ticketOf(base, code, one.key)
      const socket = await withKey(t, base, code, one.key)
      const other = await withKey(t, base, code, two.key)
      await other.next('welcome')
      t.equal((await send(base, 'DELETE', `${PATH}/${one.id}`, { token: ana.token })).status, 204)
      t.equal(await socket.closed, 4401)
      t.match((await connect(t, base, code, ticket)).refusal, { status: 401, body: { code: 'TOKEN_REVOKED' } })
      t.match((await withKey(t, base, code, one.key)).refusal, { status: 401, body: { code: 'TOKEN_REVOKED' } })
      other.send({ type: 'ping' })
      await other.next('pong')
    })

    await t.test('a socket ends with its key', async (t) => {
      const code = await newRoom(base, ana.token)
      const { id, key } = await newApiKey(base, ana.token)
      await db
        .update(apiKeys)
        .set({ expires_at: new Date(Date.now() + 2000) })
        .where(eq(apiKeys.id, id))
      const socket = await withKey(t, base, code, key)
      t.equal(socket.refusal, null)
      t.equal(await socket.closed, 4401)
      t.match(socket.closeReason(), 'the API key has expired')
      t.match((await withKey(t, base, code, key)).refusal, { status: 401, body: { code: 'TOKEN_EXPIRED' } })
    })
  })
}

t.test('keys on two processes', async (t) => {
  const clock = { ahead: 0 }
  const start = Date.now()
  // Time stands still: what a process believes it goes on believing, so that only word from the other can change it.
  const now = () => new Date(start + clock.ahead)
  const { redis, one, two } = await openPair(t, LIMITS, [{ now }, { now }])
  const ana = await one.user()
  const use = async ({ base }: typeof one, key: string) =>
    (await byKey<{ code: string }>(base, key, 'GET', '/api/v1/meetings')).status
  const revoke = async ({ base }: typeof one, id: string) =>
    (await send(base, 'DELETE', `${PATH}/${id}`, { token: ana.token })).status

  await t.test('revoked at one it is refused at the other at once, and its sockets close there', async (t) => {
    const code = await one.room(ana)
    const { id, key } = await newApiKey(one.base, ana.token)
    t.equal(await use(two, key), 200, 'made at one, good at the other')
    const socket = await withKey(t, two.base, code, key)
    await socket.next('welcome')
    t.equal(await revoke(one, id), 204)
    t.equal(await use(two, key), 401)
    t.equal(await socket.closed, 4401)
  })

  await t.test('fifty sockets of a key, spread over both, and a 429', async (t) => {
    const code = await one.room(ana)
    const { id, key } = await newApiKey(one.base, ana.token)
    const outcomes: ('open' | number)[] = []
    for (let opened = 0; opened < 51; opened++)
      outcomes.push(await (await withKey(t, (opened % 2 ? one : two).base, code, key)).opened)
    t.same(outcomes, [...Array(50).fill('open'), 429])
    await revoke(one, id)
  })

  await t.test('an account that is erased at one takes its keys with it at the other', async (t) => {
    const ben = await one.user()
    const code = await one.room(ana)
    await one.join(code, ben.token)
    const { key } = await newApiKey(one.base, ben.token)
    t.equal(await use(two, key), 200)
    const socket = await withKey(t, two.base, code, key)
    await socket.next('welcome')
    const body = { password: ben.password }
    t.equal((await send(one.base, 'DELETE', '/api/v1/users/me', { token: ben.token, body })).status, 204)
    t.equal(await use(two, key), 401)
    t.not(await socket.closed, 1006)
  })

  await t.test('the limit of a key is one over both', async (t) => {
    const { key } = await newApiKey(one.base, ana.token, { scopes: ['pipeline'] })
    const body = { text: 'tea', source_language: 'en', target_language: 'es' }
    const statuses: number[] = []
    for (let call = 0; call < 31; call++)
      statuses.push(
        (await byKey((call % 2 ? one : two).base, key, 'POST', '/api/v1/pipeline/translations', body)).status,
      )
    t.same(statuses, [...Array(30).fill(200), 429])
  })

  await t.test('while Redis is away keys go on, and what is revoked ends', async (t) => {
    const [told, read, fresh] = [
      await newApiKey(one.base, ana.token),
      await newApiKey(one.base, ana.token),
      await newApiKey(one.base, ana.token),
    ]
    for (const { key } of [told, read]) t.equal(await use(two, key), 200)
    await redis.stop()
    await until(async () => (await use(two, told.key)) === 200)
    t.equal(await use(two, fresh.key), 200, 'one that is not known yet is asked for')
    t.equal(await revoke(one, told.id), 204)
    t.equal(await revoke(one, read.id), 204)
    t.equal(await use(one, told.key), 401, 'where it was revoked, at once')
    clock.ahead = 31_000
    t.equal(await use(two, read.key), 401, 'elsewhere when the table is read again')
    clock.ahead = 0
    await redis.start()
    await until(async () => (await use(two, told.key)) === 401)
    t.equal(await use(two, fresh.key), 200)
  })
})
