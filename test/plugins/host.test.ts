import t from 'tap'
import { buildTestApp } from '../helper.ts'

t.test('only our own hosts are served, when they are listed', async (t) => {
  const app = await buildTestApp(t, { config: { allowedHosts: ['meet.example.org', 'localhost:3000'] } })
  const ask = async (host: string, url = '/health') => app.inject({ url, headers: { host } })
  for (const host of ['meet.example.org', 'MEET.example.org', 'meet.example.org:443', 'localhost:3000'])
    t.equal((await ask(host)).statusCode, 200, host)
  for (const host of [
    'evil.example',
    'meet.example.org.evil.example',
    'localhost:1',
    '127.0.0.1',
    'meet.example.org@evil.example',
  ]) {
    const refused = await ask(host)
    t.equal(refused.statusCode, 400, host)
    t.equal(refused.json().code, 'MALFORMED_REQUEST')
  }
  t.equal((await ask('10.1.2.3:3000', '/readyz')).statusCode, 200, 'probes come by address')
  const forwarded = { host: 'evil.example', 'x-forwarded-host': 'meet.example.org' }
  t.equal((await app.inject({ url: '/health', headers: forwarded })).statusCode, 400, 'nobody is our proxy here')
})

t.test('plain http is sent to https, as our own host', async (t) => {
  const app = await buildTestApp(t, {
    config: { forceHttps: true, publicUrl: 'https://meet.example.org', trustedProxies: ['10.0.0.0/8'] },
  })
  const redirect = await app.inject({ url: '//evil.example/a?b=c', headers: { host: 'evil.example' } })
  t.equal(redirect.statusCode, 308)
  t.equal(redirect.headers.location, 'https://meet.example.org//evil.example/a?b=c')
  t.equal(redirect.headers['x-content-type-options'], 'nosniff')
  const post = await app.inject({ method: 'POST', url: '/api/v1/meetings', payload: {} })
  t.equal(post.statusCode, 403, 'what was sent in the clear is not sent again')
  t.equal((await app.inject('/livez')).statusCode, 200, 'probes do not speak TLS')
  const secure = { 'x-forwarded-proto': 'https' }
  t.equal((await app.inject({ url: '/health', headers: secure, remoteAddress: '10.0.0.1' })).statusCode, 200)
  t.equal((await app.inject({ url: '/health', headers: secure, remoteAddress: '192.0.2.1' })).statusCode, 308)
})
