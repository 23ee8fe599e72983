import { randomUUID } from 'node:crypto'
import t from 'tap'
import type { Limiter } from '../../state/limiter.ts'
import { createMemoryState } from '../../state/memory/state.ts'
import { StateUnavailableError } from '../../state/state.ts'
import { buildTestApp, captureLog } from '../helper.ts'

const failures = { max: 5, windowMs: 900_000 }

t.test('every answer says what is left; the one too many says how long to wait', async (t) => {
  let now = 1_000_000
  const state = createMemoryState({ failures, now: () => now })
  const { logger, of } = captureLog()
  const app = await buildTestApp(t, { config: { rateLimitDefaultPerMinute: 2 }, overrides: { state, logger } })

  const first = await app.inject('/health')
  t.match(first.headers, { 'ratelimit-policy': '"default";q=2;w=60', ratelimit: /^"default";r=1;t=6\d$/ })
  t.equal((await app.inject('/nothing')).statusCode, 404, 'counted like anything else')
  const refused = await app.inject({ method: 'POST', url: '/nothing' })
  t.equal(refused.statusCode, 429)
  t.equal(refused.json().code, 'RATE_LIMIT_EXCEEDED')
  t.match(refused.headers.ratelimit, /^"default";r=0;t=\d+$/)
  const wait = Number(refused.headers['retry-after'])
  t.ok(Number.isInteger(wait) && wait >= 1)
  t.match(of('security'), [{ action: 'rate_limit', outcome: 'refused', subject: 'ip:127.0.0.1' }])

  for (let probe = 0; probe < 5; probe++)
    t.equal((await app.inject('/livez')).statusCode, 200, 'probes are not limited')
  now += wait * 1000
  t.equal((await app.inject('/health')).statusCode, 200, 'who waits that long is admitted')
})

t.test('who is signed in is counted by user, who is not by address', async (t) => {
  const app = await buildTestApp(t, { config: { rateLimitDefaultPerMinute: 1, trustedProxies: ['10.0.0.0/8'] } })
  const status = async (remoteAddress: string, headers = {}) =>
    (await app.inject({ url: '/health', remoteAddress, headers })).statusCode
  const bearer = () => {
    const { token } = app.services.tokens.issueAccess(randomUUID(), randomUUID())
    return { authorization: `Bearer ${token}` }
  }
  const [ana, ben] = [bearer(), bearer()]

  t.equal(await status('192.0.2.1', ana), 200)
  t.equal(await status('192.0.2.2', ana), 429, 'another address, the same user')
  t.equal(await status('192.0.2.1', ben), 200, 'the same address, another user')
  t.equal(await status('192.0.2.1'), 200)
  t.equal(await status('192.0.2.1'), 429)
  t.equal(await status('::ffff:192.0.2.1'), 429, 'the same IPv4 address mapped into IPv6')
  t.equal(await status('192.0.2.1', { authorization: 'Bearer a.b.c' }), 429, 'a bad token makes nobody of it')
  t.equal(await status('192.0.2.1', { 'x-forwarded-for': '198.51.100.7' }), 429, 'what a stranger says is not believed')

  t.equal(await status('2001:db8:1:2::1'), 200)
  t.equal(await status('2001:db8:1:2:ffff::9'), 429, 'the same /64')
  t.equal(await status('2001:db8:1:3::1'), 200)

  t.equal(await status('10.0.0.1', { 'x-forwarded-for': '203.0.113.5' }), 200, 'what our proxy says is')
  t.equal(await status('10.0.0.2', { 'x-forwarded-for': '203.0.113.5' }), 429)
  t.equal(await status('10.0.0.2', { 'x-forwarded-for': '1.1.1.1, 203.0.113.5' }), 429, 'but not what stands before it')
})

t.test('a route limited as auth counts addresses, whatever token comes along', async (t) => {
  const app = await buildTestApp(t, {
    config: { rateLimitAuthPerMinute: 2 },
    overrides: {
      extend(app) {
        for (const url of ['/one', '/two']) app.get(url, { config: { guard: 'public', limit: 'auth' } }, () => 'in')
      },
    },
  })
  const { token } = app.services.tokens.issueAccess(randomUUID(), randomUUID())
  t.equal((await app.inject('/one')).statusCode, 200)
  t.equal((await app.inject('/two')).statusCode, 200, 'one budget for the group')
  const refused = await app.inject({ url: '/one', headers: { authorization: `Bearer ${token}` } })
  t.equal(refused.statusCode, 429)
  t.equal(refused.headers['ratelimit-policy'], '"auth";q=2;w=60')
})

t.test('the limiter is asked once a request, for limit and revocation together', async (t) => {
  const state = createMemoryState({ failures })
  const asked: unknown[] = []
  const limiter: Limiter = {
    admit(admission) {
      asked.push(admission)
      return state.limiter.admit(admission)
    },
  }
  const app = await buildTestApp(t, { overrides: { state: { ...state, limiter } } })
  const [userId, sessionId] = [randomUUID(), randomUUID()]
  const { token } = app.services.tokens.issueAccess(userId, sessionId)
  await app.inject({ url: '/api/v1/meetings', headers: { authorization: `Bearer ${token}` } })
  t.match(asked, [{ subject: `u:${userId}`, sessionId, limits: [{ name: 'default' }] }])
  t.equal(asked.length, 1)
})

t.test('a limiter that may not decide is a 503 that says when to come back', async (t) => {
  const state = createMemoryState({ failures })
  const limiter = { admit: () => Promise.reject(new StateUnavailableError('Redis does not answer')) }
  const app = await buildTestApp(t, { overrides: { state: { ...state, limiter } } })
  const answer = await app.inject('/health')
  t.equal(answer.statusCode, 503)
  t.equal(answer.headers['retry-after'], '1')
  t.equal(answer.json().code, 'SERVICE_UNAVAILABLE')
  t.notMatch(answer.body, /Redis/)
})

t.test('guests count against their address, however many somebody becomes', async (t) => {
  const app = await buildTestApp(t, { config: { rateLimitDefaultPerMinute: 3 } })
  const url = `/api/v1/meetings/${'a'.repeat(26)}`
  const statuses = []
  for (let i = 0; i < 5; i++) {
    const { token } = app.services.tokens.issueGuest(randomUUID(), randomUUID())
    statuses.push((await app.inject({ url, headers: { authorization: `Bearer ${token}` } })).statusCode)
  }
  t.strictSame(statuses, [404, 404, 404, 429, 429])
})

t.test('reading everything out is limited more tightly, on top of the rest', async (t) => {
  const app = await buildTestApp(t, { config: { rateLimitDefaultPerMinute: 10 } })
  const { token } = app.services.tokens.issueAccess(randomUUID(), randomUUID())
  const ask = (url: string) => app.inject({ url, headers: { authorization: `Bearer ${token}` } })
  for (let i = 0; i < 3; i++) t.not((await ask('/api/v1/users/me/export')).statusCode, 429)
  const refused = await ask('/api/v1/users/me/export')
  t.equal(refused.statusCode, 429)
  t.match(refused.headers, { 'ratelimit-policy': '"export";q=3;w=60' })
  for (let i = 0; i < 7; i++) t.not((await ask('/api/v1/users/me')).statusCode, 429, 'a refusal costs nothing')
  t.equal((await ask('/api/v1/users/me')).statusCode, 429, 'both were counted')
})
