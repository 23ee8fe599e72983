import t from 'tap'
import { buildTestApp } from '../helper.ts'

/**
 * Hashing runs off the event loop, so that a /livez asked while 200 logins hash is answered within a few turns of the loop.
 * A turn is one pass of setImmediate: a count, not a time.
 */
const TURNS_ALLOWED = 25

t.test('200 concurrent logins do not hold up /livez', async (t) => {
  const app = await buildTestApp(t, { config: { rateLimitAuthPerMinute: 1000 } })
  let settled = 0
  const logins = Array.from({ length: 200 }, (_, i) =>
    app
      .inject({
        method: 'POST',
        url: '/api/v1/auth/login',
        payload: { email: `nobody-${i}@example.org`, password: 'not the password at all' },
      })
      .finally(() => settled++),
  )
  const turns: number[] = []
  while (settled < 100) {
    let counting = true
    let count = 0
    const turn = () => {
      count++
      if (counting) setImmediate(turn)
    }
    setImmediate(turn)
    const answer = await app.inject({ url: '/livez' })
    counting = false
    t.equal(answer.statusCode, 200)
    turns.push(count)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  t.ok(turns.length >= 3, 'asked while logins were hashing')
  t.ok(Math.max(...turns) <= TURNS_ALLOWED, `turns of the loop until the answer: ${turns.join(' ')}`)
  const statuses = (await Promise.all(logins)).map((answer) => answer.statusCode)
  t.strictSame([...new Set(statuses)], [401])
})
