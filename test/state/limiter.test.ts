import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import type { Limit } from '../../state/limiter.ts'
import type { Subject } from '../../state/state.ts'
import { createTestClock, twins, WINDOW_MS } from '../support/states.ts'

const limitOf = (max: number, name = `max${max}`): Limit => ({ name, max, windowMs: WINDOW_MS })
const someone = (): Subject => `u:${randomUUID()}`

for (const twin of twins(t)) {
  t.test(twin.name, async (t) => {
    for (const [kind, max, longest] of [
      ['a log', 7, WINDOW_MS],
      ['counters', 90, WINDOW_MS + 1000],
    ] as const) {
      t.test(
        `${kind}: no interval of the window admits more than the limit, and who waits as told is admitted`,
        async (t) => {
          const clock = createTestClock()
          const { limiter } = await twin.open(t, clock.now)
          const limit = limitOf(max)
          // Mostly bursts, now and then a pause about as long as the window.
          const gap = fc.oneof(
            { weight: 12, arbitrary: fc.nat(3) },
            { weight: 4, arbitrary: fc.nat(1500) },
            { weight: 1, arbitrary: fc.integer({ min: 50_000, max: 62_000 }) },
          )
          const arrivals = fc.array(gap, { minLength: max, maxLength: max * 4, size: 'max' })
          await fc.assert(
            fc.asyncProperty(arrivals, async (gaps) => {
              const subject = someone()
              const admitted: number[] = []
              for (const ms of gaps) {
                clock.advance(ms)
                const verdict = await limiter.admit({ limits: [limit], subject })
                if (verdict.admitted) admitted.push(clock.now())
                else {
                  if (verdict.resetMs <= 0 || verdict.resetMs > longest) return false
                  if (verdict.remaining !== 0) return false
                }
              }
              for (let i = max; i < admitted.length; i++)
                if ((admitted[i] ?? 0) - (admitted[i - max] ?? 0) < WINDOW_MS) return false
              const last = await limiter.admit({ limits: [limit], subject })
              if (last.admitted) return true
              clock.advance(last.resetMs - 1)
              if ((await limiter.admit({ limits: [limit], subject })).admitted) return false
              clock.advance(1)
              return (await limiter.admit({ limits: [limit], subject })).admitted
            }),
            { numRuns: 40 },
          )
        },
      )

      t.test(`${kind}: counts down, refuses, and a refusal costs nothing`, async (t) => {
        const clock = createTestClock()
        const { limiter } = await twin.open(t, clock.now)
        const admission = { limits: [limitOf(max)], subject: someone() }
        for (let left = max - 1; left >= 0; left--) {
          const verdict = await limiter.admit(admission)
          t.match(verdict, { admitted: true, remaining: left, revoked: false, degraded: false })
        }
        const first = await limiter.admit(admission)
        t.match(first, { admitted: false, remaining: 0 })
        clock.advance(10_000)
        for (let i = 0; i < 20; i++) await limiter.admit(admission)
        t.equal((await limiter.admit(admission)).resetMs, first.resetMs - 10_000)
        clock.advance(first.resetMs - 10_000)
        t.match(await limiter.admit(admission), { admitted: true })
      })
    }

    t.test('tells when more will be left', async (t) => {
      const clock = createTestClock()
      const { limiter } = await twin.open(t, clock.now)
      const admission = { limits: [limitOf(3)], subject: someone() }
      t.match(await limiter.admit(admission), { remaining: 2, resetMs: 60_000 })
      clock.advance(20_000)
      t.match(await limiter.admit(admission), { remaining: 1, resetMs: 40_000 })
    })

    t.test('several limits: all are counted or none', async (t) => {
      const clock = createTestClock()
      const { limiter } = await twin.open(t, clock.now)
      const [small, large] = [limitOf(2, 'small'), limitOf(100, 'large')]
      const subject = someone()
      t.match(await limiter.admit({ limits: [large, small], subject }), { admitted: true, limit: small, remaining: 1 })
      await limiter.admit({ limits: [large, small], subject })
      for (let i = 0; i < 5; i++)
        t.match(await limiter.admit({ limits: [large, small], subject }), { admitted: false, limit: small })
      t.match(await limiter.admit({ limits: [large], subject }), { admitted: true, remaining: 97 })
    })

    t.test('subjects and limits do not share', async (t) => {
      const { limiter } = await twin.open(t)
      const [one, other] = [someone(), someone()]
      t.ok((await limiter.admit({ limits: [limitOf(1, 'a')], subject: one })).admitted)
      t.notOk((await limiter.admit({ limits: [limitOf(1, 'a')], subject: one })).admitted)
      t.ok((await limiter.admit({ limits: [limitOf(1, 'b')], subject: one })).admitted)
      t.ok((await limiter.admit({ limits: [limitOf(1, 'a')], subject: other })).admitted)
    })

    t.test('of many at once no more than the limit are admitted', async (t) => {
      const { limiter } = await twin.open(t)
      for (const max of [10, 70]) {
        const admission = { limits: [limitOf(max)], subject: someone() }
        const verdicts = await Promise.all(Array.from({ length: max * 3 }, () => limiter.admit(admission)))
        t.equal(verdicts.filter(({ admitted }) => admitted).length, max)
      }
    })

    t.test('says that the session is revoked', async (t) => {
      const { limiter, revocations } = await twin.open(t)
      const subject = someone()
      const sessionId = randomUUID()
      t.equal((await limiter.admit({ limits: [limitOf(5)], subject, sessionId })).revoked, false)
      await revocations.revoke([{ subject, sessionId, reason: 'logout' }], 60_000)
      t.equal((await limiter.admit({ limits: [limitOf(5)], subject, sessionId })).revoked, true)
      t.equal((await limiter.admit({ limits: [limitOf(5)], subject, sessionId: randomUUID() })).revoked, false)
    })
  })
}
