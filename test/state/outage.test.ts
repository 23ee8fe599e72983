import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import t from 'tap'
import { socketsKey } from '../../state/keys.ts'
import type { Limit } from '../../state/limiter.ts'
import type { State, Subject } from '../../state/state.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { openRedisState, until } from '../support/states.ts'

const LIMIT: Limit = { name: 'auth', max: 10, windowMs: 60_000 }
const someone = (): Subject => `u:${randomUUID()}`
const local = { limiter: { onFailure: 'local', expectedProcesses: 3 } } as const

async function admittedOf(state: State, count: number, subject = someone()): Promise<number> {
  const verdicts = await Promise.all(
    Array.from({ length: count }, () => state.limiter.admit({ limits: [LIMIT], subject })),
  )
  return verdicts.filter(({ admitted }) => admitted).length
}

const outages: Record<string, { begin(redis: RedisServer): unknown; end(redis: RedisServer): unknown }> = {
  killed: { begin: (redis) => redis.kill(), end: (redis) => redis.start() },
  'held up': { begin: (redis) => redis.pause(), end: (redis) => redis.resume() },
}

for (const [name, outage] of Object.entries(outages)) {
  t.test(`Redis ${name}: the process limits by its own share, and recovers by itself`, async (t) => {
    const redis = await startRedis(t)
    const state = await openRedisState(t, redis.url, { ...local, budgetMs: 200 })
    let recoveries = 0
    state.onRecovered(() => recoveries++)
    t.equal(state.status(), 'up')
    t.equal(await admittedOf(state, 20), 10)
    const revoked = { subject: someone(), sessionId: randomUUID(), reason: 'logout' }
    await state.revocations.revoke([revoked], 60_000)

    await outage.begin(redis)
    const subject = someone()
    t.equal(await admittedOf(state, 20, subject), 3)
    const verdict = await state.limiter.admit({ limits: [LIMIT], subject })
    t.match(verdict, { admitted: false, degraded: true, limit: { name: 'auth', max: 3 } })
    t.equal(state.status(), 'down')
    t.match(await state.limiter.admit({ limits: [LIMIT], ...revoked }), { revoked: true, degraded: true })
    await t.rejects(state.revocations.isRevoked(someone(), randomUUID()), { name: 'StateUnavailableError' })
    await t.rejects(state.tickets.redeem('ticket'), { name: 'StateUnavailableError' })
    t.ok((await state.failures.attempt('pair')).allowed, 'a third of the tries')
    t.notOk((await state.failures.attempt('pair')).allowed)
    await state.failures.succeed('pair')
    const leaseholder = someone()
    t.ok(await state.socketLeases.acquire(leaseholder, 'a', 5))
    t.notOk(await state.socketLeases.acquire(leaseholder, 'b', 5))
    await state.socketLeases.renew([{ subject: leaseholder, connectionId: 'a' }])
    await state.socketLeases.release(leaseholder, 'a')

    await outage.end(redis)
    await until(() => state.status() === 'up')
    t.ok(recoveries >= 1)
    t.equal(await admittedOf(state, 20), 10)
    t.match(await state.limiter.admit({ limits: [LIMIT], subject: someone() }), { degraded: false })
  })
}

t.test('held up long, it is given a new connection', async (t) => {
  const redis = await startRedis(t)
  const state = await openRedisState(t, redis.url, { budgetMs: 200 })
  redis.pause()
  await until(() => state.status() === 'down')
  // Longer than a silent connection is kept.
  await new Promise((resolve) => setTimeout(resolve, 4500))
  redis.resume()
  await until(() => state.status() === 'up')
  t.equal(await admittedOf(state, 20), 10)
})

t.test('Redis down at the start: the process starts degraded and recovers by itself', async (t) => {
  const redis = await startRedis(t)
  await redis.stop()
  const state = await openRedisState(t, redis.url)
  let recoveries = 0
  state.onRecovered(() => recoveries++)
  t.equal(state.status(), 'down')
  t.match(await state.limiter.admit({ limits: [LIMIT], subject: someone() }), { admitted: true, degraded: true })
  const made = { subject: someone(), sessionId: randomUUID(), reason: 'logout' }
  await state.revocations.revoke([made], 60_000)
  await redis.start()
  await until(() => state.status() === 'up')
  t.equal(recoveries, 1)
  const other = await openRedisState(t, redis.url)
  await until(() => other.revocations.isRevoked(made.subject, made.sessionId))
})

t.test('`open` admits everything, `closed` nothing', async (t) => {
  const redis = await startRedis(t)
  const [open, closed] = await Promise.all(
    (['open', 'closed'] as const).map((onFailure) =>
      openRedisState(t, redis.url, { limiter: { onFailure, expectedProcesses: 1 } }),
    ),
  )
  await redis.kill()
  if (!open || !closed) throw new Error('two states')
  await until(() => open.status() === 'down' && closed.status() === 'down')
  t.equal(await admittedOf(open, 50), 50)
  const subject = someone()
  await t.rejects(closed.limiter.admit({ limits: [LIMIT], subject }), { name: 'StateUnavailableError' })
  await t.rejects(closed.failures.attempt('pair'), { name: 'StateUnavailableError' })
  await t.rejects(closed.socketLeases.acquire(subject, 'a', 5), { name: 'StateUnavailableError' })
})

t.test('Redis that forgot its scripts is given them again', async (t) => {
  const redis = await startRedis(t)
  const state = await openRedisState(t, redis.url)
  t.equal(await admittedOf(state, 20), 10)
  const { Redis } = await import('ioredis')
  const direct = new Redis(redis.url)
  await direct.script('FLUSH')
  direct.disconnect()
  t.match(await state.limiter.admit({ limits: [LIMIT], subject: someone() }), { admitted: true, degraded: false })
})

t.test('two processes share one limit', async (t) => {
  const redis = await startRedis(t)
  const states = await Promise.all([openRedisState(t, redis.url), openRedisState(t, redis.url)])
  const subject = someone()
  const admitted = await Promise.all(states.map((state) => admittedOf(state, 20, subject)))
  t.equal(
    admitted.reduce((sum, count) => sum + count, 0),
    LIMIT.max,
  )
})

t.test("a socket's place that is given back while Redis is held up is free when it answers again", async (t) => {
  const redis = await startRedis(t)
  const state = await openRedisState(t, redis.url, { ...local, budgetMs: 200 })
  const control = new Redis(redis.url)
  t.teardown(() => control.disconnect())
  const leaseholder = someone()
  for (const id of ['kept', 'given back']) t.ok(await state.socketLeases.acquire(leaseholder, id, 2))
  const held = () => control.zrange(socketsKey(leaseholder), '0', '-1')
  t.equal((await held()).length, 2)
  redis.pause()
  await until(() => state.status() === 'down')
  await state.socketLeases.release(leaseholder, 'given back')
  redis.resume()
  await until(async () => !(await held()).includes('given back'))
  t.strictSame(await held(), ['kept'], 'and not because leases end')
})
