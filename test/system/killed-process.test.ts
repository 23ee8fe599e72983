import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { Redis } from 'ioredis'
import t from 'tap'
import { LEASE_MS } from '../../state/socket-leases.ts'
import { newUser, send } from '../support/client.ts'
import { createDatabase, startPostgres } from '../support/postgres.ts'
import { startRedis } from '../support/redis.ts'
import { startServer } from '../support/server-process.ts'
import { connect, ticketFor } from '../support/socket-client.ts'

t.test('a process killed with -9 gives its places back within 60 s, and the others are told who is gone', async (t) => {
  const redis = await startRedis(t)
  const shared = process.env.TEST_DATABASE_URL
  const databaseUrl = shared ? await createDatabase(shared) : await (await startPostgres(t)).createDatabase()
  const settings = {
    REDIS_URL: redis.url,
    DATABASE_URL: databaseUrl,
    SECRET_KEY: randomBytes(32).toString('base64url'),
    MAX_SOCKETS_PER_USER: '1',
    RATE_LIMIT_DEFAULT_PER_MINUTE: '10000',
  }
  const [victim, survivor] = await Promise.all([startServer(t, settings), startServer(t, settings)])
  const [host, ana, ben] = await Promise.all([survivor, survivor, survivor].map(({ url }) => newUser(url)))
  if (!host || !ana || !ben) throw new Error('three people')
  const room = await send<{ room_code: string }>(survivor.url, 'POST', '/api/v1/meetings', {
    token: host.token,
    body: { name: 'Full', settings: { max_participants: 2 } },
  })
  const code = room.body.room_code
  const join = (token: string) =>
    send<{ code: string }>(survivor.url, 'POST', `/api/v1/meetings/${code}/join`, { token })
  const enter = async (url: string, token: string) => connect(t, url, code, await ticketFor(url, code, token))
  for (const { token } of [host, ana]) t.equal((await join(token)).status, 200)
  const reader = await enter(survivor.url, host.token)
  const lost = await enter(victim.url, ana.token)
  await Promise.all([reader.next('welcome'), lost.next('welcome')])
  t.equal((await join(ben.token)).body.code, 'ROOM_FULL')

  await victim.stop('SIGKILL')
  const direct = new Redis(redis.url)
  t.teardown(() => direct.disconnect())
  const [seconds, microseconds] = await direct.time()
  const now = Number(seconds) * 1000 + Number(microseconds) / 1000
  const leases = (await direct.keys('fm:*')).filter((key) => /:present$|^fm:sockets:/.test(key))
  t.ok(leases.length >= 2)
  for (const key of leases)
    for (const ends of (await direct.zrange(key, '0', '-1', 'WITHSCORES')).filter((_, i) => i % 2 === 1))
      t.ok(Number(ends) - now <= LEASE_MS, `${key} ends within 60 s of the kill`)

  t.equal((await join(ben.token)).body.code, 'ROOM_FULL', 'whoever may only be cut off keeps the place for now')
  t.equal((await enter(survivor.url, ana.token)).refusal?.status, 429, 'and the socket')
  while ((await join(ben.token)).status !== 200) await wait(500)
  t.equal((await enter(survivor.url, ben.token)).refusal, null)
  while (!reader.frames.some(({ type, reason }) => type === 'participant.left' && reason === 'gone')) await wait(100)
  t.equal((await join(ana.token)).body.code, 'ROOM_FULL', 'the place is taken')
})
