import { randomUUID } from 'node:crypto'
import t from 'tap'
import type { Revocation } from '../../state/revocations.ts'
import { startRedis } from '../support/redis.ts'
import { createTestClock, openRedisState, twins, until } from '../support/states.ts'

const revocation = (reason = 'logout'): Revocation => ({
  subject: `u:${randomUUID()}`,
  sessionId: randomUUID(),
  reason,
})

for (const twin of twins(t)) {
  t.test(twin.name, async (t) => {
    t.test('a revoked session is revoked, others are not', async (t) => {
      const { revocations } = await twin.open(t)
      const [one, other] = [revocation(), revocation()]
      await revocations.revoke([one], 60_000)
      t.ok(await revocations.isRevoked(one.subject, one.sessionId))
      t.ok(revocations.isRevokedLocally(one.sessionId))
      t.notOk(await revocations.isRevoked(other.subject, other.sessionId))
      t.notOk(revocations.isRevokedLocally(other.sessionId))
    })

    t.test('the listener hears of each once, also when it is revoked twice', async (t) => {
      const { revocations } = await twin.open(t)
      const heard: Revocation[] = []
      revocations.onRevoked((each) => heard.push(each))
      const made = [revocation('logout_all'), revocation('logout_all')]
      await revocations.revoke(made, 60_000)
      await revocations.revoke(made, 60_000)
      t.same(heard, made)
    })

    t.test('a listener that throws does not keep others from hearing', async (t) => {
      const { revocations } = await twin.open(t)
      const heard: string[] = []
      revocations.onRevoked(() => {
        throw new Error('broken')
      })
      revocations.onRevoked(({ sessionId }) => heard.push(sessionId))
      const made = revocation()
      await revocations.revoke([made], 60_000)
      t.same(heard, [made.sessionId])
    })

    t.test('is forgotten by the process when it ends', async (t) => {
      const clock = createTestClock()
      const { revocations } = await twin.open(t, clock.now)
      const made = revocation()
      await revocations.revoke([made], 60_000)
      clock.advance(59_999)
      t.ok(revocations.isRevokedLocally(made.sessionId))
      clock.advance(1)
      t.notOk(revocations.isRevokedLocally(made.sessionId))
    })
  })
}

t.test('another process hears of it once, and one that starts later knows it', async (t) => {
  const redis = await startRedis(t)
  const [one, other] = await Promise.all([openRedisState(t, redis.url), openRedisState(t, redis.url)])
  const heard: { one: Revocation[]; other: Revocation[] } = { one: [], other: [] }
  one.revocations.onRevoked((each) => heard.one.push(each))
  other.revocations.onRevoked((each) => heard.other.push(each))
  const [first, second] = [revocation(), revocation()]
  await one.revocations.revoke([first], 60_000)
  await one.revocations.revoke([second], 60_000)
  await until(() => heard.other.length >= 2)
  t.same(heard, { one: [first, second], other: [first, second] })
  const later = await openRedisState(t, redis.url)
  t.ok(later.revocations.isRevokedLocally(first.sessionId))
})

t.test('what is revoked while Redis is down holds at once, and everywhere when it comes back empty', async (t) => {
  const redis = await startRedis(t)
  const [one, other] = await Promise.all([openRedisState(t, redis.url), openRedisState(t, redis.url)])
  const [before, during] = [revocation('before'), revocation('during')]
  const heard: Revocation[] = []
  other.revocations.onRevoked((each) => heard.push(each))
  await one.revocations.revoke([before], 60_000)
  await until(() => heard.length === 1)
  await redis.kill()
  await until(() => one.status() === 'down' && other.status() === 'down')
  await one.revocations.revoke([during], 60_000)
  t.ok(one.revocations.isRevokedLocally(during.sessionId))
  const { subject, sessionId } = revocation()
  await t.rejects(one.revocations.isRevoked(subject, sessionId), { name: 'StateUnavailableError' })
  await redis.start()
  await until(() => heard.length === 2)
  t.same(heard, [before, during])
  const later = await openRedisState(t, redis.url)
  for (const each of [before, during]) {
    await until(() => later.revocations.isRevoked(each.subject, each.sessionId))
    const limits = [{ name: 'default', max: 5, windowMs: 60_000 }]
    t.match(await later.limiter.admit({ limits, ...each }), { revoked: true, degraded: false })
  }
})
