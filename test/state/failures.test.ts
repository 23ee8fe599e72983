import { randomUUID } from 'node:crypto'
import t from 'tap'
import { createTestClock, FAILURES, twins } from '../support/states.ts'

const { max, windowMs } = FAILURES

for (const twin of twins(t)) {
  t.test(twin.name, async (t) => {
    t.test(
      'the pair waits the window out, counted from the last try, and refused tries do not lengthen it',
      async (t) => {
        const clock = createTestClock()
        const { failures } = await twin.open(t, clock.now)
        const pair = randomUUID()
        for (let i = 0; i < max; i++) {
          t.same(await failures.attempt(pair), { allowed: true, retryAfterMs: 0 })
          clock.advance(60_000)
        }
        t.same(await failures.attempt(pair), { allowed: false, retryAfterMs: windowMs - 60_000 })
        clock.advance(windowMs - 60_001)
        t.same(await failures.attempt(pair), { allowed: false, retryAfterMs: 1 })
        clock.advance(1)
        for (let i = 0; i < max; i++) t.ok((await failures.attempt(pair)).allowed)
        t.notOk((await failures.attempt(pair)).allowed)
      },
    )

    t.test('tries that lie apart further than the window do not add up', async (t) => {
      const clock = createTestClock()
      const { failures } = await twin.open(t, clock.now)
      const pair = randomUUID()
      for (let i = 0; i < max * 3; i++) {
        t.ok((await failures.attempt(pair)).allowed)
        clock.advance(windowMs / 4)
      }
    })

    t.test('a success forgets the pair, and pairs do not share', async (t) => {
      const { failures } = await twin.open(t)
      const [one, other] = [randomUUID(), randomUUID()]
      for (let i = 0; i < max; i++) await failures.attempt(one)
      t.notOk((await failures.attempt(one)).allowed)
      t.ok((await failures.attempt(other)).allowed)
      await failures.succeed(one)
      t.ok((await failures.attempt(one)).allowed)
    })

    t.test('of many tries at once no more than the limit pass', async (t) => {
      const { failures } = await twin.open(t)
      const pair = randomUUID()
      const tries = await Promise.all(Array.from({ length: 30 }, () => failures.attempt(pair)))
      t.equal(tries.filter(({ allowed }) => allowed).length, max)
    })
  })
}
