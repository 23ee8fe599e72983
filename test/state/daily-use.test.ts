import { randomUUID } from 'node:crypto'
import t from 'tap'
import { DAY_MS } from '../../state/daily-use.ts'
import type { Subject } from '../../state/state.ts'
import { startRedis } from '../support/redis.ts'
import { createTestClock, openRedisState, twins, until } from '../support/states.ts'

const someone = (): Subject => `u:${randomUUID()}`
/** Ten in the morning. */
const MORNING = Math.floor(1_800_000_000_000 / DAY_MS) * DAY_MS + 10 * 3_600_000

for (const twin of twins(t)) {
  t.test(twin.name, async (t) => {
    t.test('all of an amount is taken or nothing, until the day ends', async (t) => {
      const clock = createTestClock(MORNING)
      const { dailyUse } = await twin.open(t, clock.now)
      const use = { subject: someone(), kind: 'characters', max: 100 }
      const resetMs = 14 * 3_600_000
      t.same(await dailyUse.take({ ...use, amount: 60 }), { allowed: true, left: 40, resetMs })
      t.same(await dailyUse.take({ ...use, amount: 41 }), { allowed: false, left: 40, resetMs })
      t.same(await dailyUse.take({ ...use, amount: 40 }), { allowed: true, left: 0, resetMs })
      clock.advance(resetMs - 1)
      t.same(await dailyUse.take({ ...use, amount: 1 }), { allowed: false, left: 0, resetMs: 1 })
      clock.advance(1)
      t.same(await dailyUse.take({ ...use, amount: 100 }), { allowed: true, left: 0, resetMs: DAY_MS })
    })

    t.test('subjects and kinds do not share', async (t) => {
      const { dailyUse } = await twin.open(t)
      const [one, other] = [someone(), someone()]
      const take = async (subject: Subject, kind: string) =>
        (await dailyUse.take({ subject, kind, amount: 10, max: 10 })).allowed
      t.ok(await take(one, 'characters'))
      t.notOk(await take(one, 'characters'))
      t.ok(await take(one, 'audio_seconds'))
      t.ok(await take(other, 'characters'))
    })

    t.test('of many at once no more than the maximum is taken, and large numbers stay exact', async (t) => {
      const { dailyUse } = await twin.open(t)
      const use = { subject: someone(), kind: 'characters', amount: 3, max: 100 }
      const verdicts = await Promise.all(Array.from({ length: 60 }, () => dailyUse.take(use)))
      t.equal(verdicts.filter(({ allowed }) => allowed).length, 33)
      const large = { subject: someone(), kind: 'characters', max: 60_000_000_000 }
      await dailyUse.take({ ...large, amount: 59_999_999_998 })
      t.match(await dailyUse.take({ ...large, amount: 1 }), { allowed: true, left: 1 })
      t.match(await dailyUse.take({ ...large, amount: 2 }), { allowed: false, left: 1 })
    })
  })
}

t.test('while Redis is away a process counts against its own share, or as the setting says', async (t) => {
  const redis = await startRedis(t)
  const open = (onFailure: 'local' | 'open' | 'closed') =>
    openRedisState(t, redis.url, { limiter: { onFailure, expectedProcesses: 4 } })
  const [local, free, closed] = [await open('local'), await open('open'), await open('closed')]
  await redis.kill()
  await until(() => [local, free, closed].every((state) => state.status() === 'down'))
  const use = { subject: someone(), kind: 'characters', amount: 25, max: 100 }
  t.match(await local.dailyUse.take(use), { allowed: true, left: 0 })
  t.match(await local.dailyUse.take(use), { allowed: false })
  t.match(await free.dailyUse.take({ ...use, amount: 1000 }), { allowed: true })
  await t.rejects(closed.dailyUse.take(use), { name: 'StateUnavailableError' })
})
