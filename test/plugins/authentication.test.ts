import { createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import t, { type Test } from 'tap'
import { buildTestApp, captureLog, testConfig } from '../helper.ts'

const { secretKey } = testConfig()
const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const decode = (part = '') => JSON.parse(Buffer.from(part, 'base64url').toString())

async function build(t: Test) {
  const log = captureLog()
  const app = await buildTestApp(t, {
    overrides: {
      logger: log.logger,
      extend(app) {
        for (const guard of ['public', 'optional', 'user', 'participant'] as const)
          app.get(`/${guard}`, { config: { guard } }, (request) => ({ kind: request.principal?.kind ?? null }))
      },
    },
  })
  const ask = (url: string, authorization?: string) =>
    app.inject({ url, headers: authorization === undefined ? {} : { authorization } })
  return { app, ask, log }
}

t.test('a forged, foreign, broken or stale token is nobody', async (t) => {
  const { app, ask, log } = await build(t)
  const { token } = app.services.tokens.issueAccess(randomUUID(), randomUUID())
  t.equal((await ask('/user', `Bearer ${token}`)).statusCode, 200)
  t.equal((await ask('/user', `bearer ${token}`)).statusCode, 200, 'the scheme has no case')

  const [header, payload, signature] = token.split('.')
  const [head, claims] = [decode(header), decode(payload)]
  const hs = (h: object, c: object, hash = 'sha256', key = secretKey) => {
    const input = `${b64(h)}.${b64(c)}`
    return `${input}.${createHmac(hash, key).update(input).digest('base64url')}`
  }
  t.equal(
    (await ask('/user', `Bearer ${hs(head, { ...claims, jti: randomUUID() })}`)).statusCode,
    200,
    'the forge itself works',
  )

  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const rsInput = `${b64({ ...head, alg: 'RS256' })}.${payload}`
  const without = (name: string) => Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name))
  const now = Math.floor(Date.now() / 1000)
  const bad: Record<string, string> = {
    'alg none': `${b64({ ...head, alg: 'none' })}.${payload}.`,
    'alg none, with a signature': `${b64({ ...head, alg: 'none' })}.${payload}.${signature}`,
    'alg None': `${b64({ ...head, alg: 'None' })}.${payload}.${signature}`,
    HS512: hs({ ...head, alg: 'HS512' }, claims, 'sha512'),
    'HS384 under the HS256 header': hs(head, claims, 'sha384'),
    RS256: `${rsInput}.${sign('sha256', Buffer.from(rsInput), privateKey).toString('base64url')}`,
    'another key': hs(head, claims, 'sha256', 'another-key-another-key-another-key-another'),
    'another kid': hs({ ...head, kid: 'other' }, claims),
    'a jwk in the header': hs({ ...head, jwk: { kty: 'oct', k: 'AAAA' } }, claims, 'sha256', 'AAAA'),
    'another issuer': hs(head, { ...claims, iss: 'other' }),
    'another audience': hs(head, { ...claims, aud: 'other' }),
    'another type': hs(head, { ...claims, type: 'refresh' }),
    'no type': hs(head, without('type')),
    'no issuer': hs(head, without('iss')),
    'no audience': hs(head, without('aud')),
    'no subject': hs(head, without('sub')),
    'no jti': hs(head, without('jti')),
    'an empty jti': hs(head, { ...claims, jti: '' }),
    'no session': hs(head, without('sid')),
    'no expiry': hs(head, without('exp')),
    'a body that was changed': `${header}.${b64({ ...claims, sub: randomUUID() })}.${signature}`,
    'a signature that was cut': `${header}.${payload}.${signature?.slice(0, -2)}`,
    'no signature': `${header}.${payload}.`,
    'no token': '',
    'no dots': 'abc',
    'four parts': `${token}.x`,
    'too long': `${header}.${'a'.repeat(8_000)}.${signature}`,
  }
  for (const [name, forged] of Object.entries(bad)) {
    const answer = await ask('/user', `Bearer ${forged}`)
    t.equal(answer.statusCode, 401, name)
    t.equal(answer.json().code, 'UNAUTHENTICATED', name)
    t.equal(answer.headers['www-authenticate'], 'Bearer')
    t.equal((await ask('/optional', `Bearer ${forged}`)).statusCode, 401, `${name}, where a token may come`)
    t.match((await ask('/public', `Bearer ${forged}`)).json(), { kind: null }, `${name}, where none is asked for`)
  }
  const expired = await ask('/user', `Bearer ${hs(head, { ...claims, iat: now - 100, exp: now - 1 })}`)
  t.equal(expired.statusCode, 401)
  t.equal(expired.json().code, 'TOKEN_EXPIRED')
  for (const scheme of ['Basic', 'Token', ''])
    t.equal((await ask('/user', `${scheme} ${token}`)).statusCode, 401, scheme)

  t.match(log.of('security').at(-1), { action: 'token', outcome: 'refused' })
  t.notMatch(log.lines.join(''), signature, 'no token is logged')
})

t.test('each guard lets in whom it says', async (t) => {
  const { app, ask } = await build(t)
  const user = `Bearer ${app.services.tokens.issueAccess(randomUUID(), randomUUID()).token}`
  const guest = `Bearer ${app.services.tokens.issueGuest(randomUUID(), randomUUID()).token}`
  const expected = {
    '/public': [200, 200, 200],
    '/optional': [200, 200, 200],
    '/user': [401, 200, 403],
    '/participant': [401, 200, 200],
  }
  for (const [url, statuses] of Object.entries(expected))
    for (const [index, token] of [undefined, user, guest].entries())
      t.equal((await ask(url, token)).statusCode, statuses[index], `${url} ${['nobody', 'user', 'guest'][index]}`)
  t.equal((await ask('/user')).headers['www-authenticate'], 'Bearer')
})

t.test('a revoked session is refused wherever its token counts', async (t) => {
  const { app, ask, log } = await build(t)
  const [userId, sessionId] = [randomUUID(), randomUUID()]
  const bearer = `Bearer ${app.services.tokens.issueAccess(userId, sessionId).token}`
  t.equal((await ask('/user', bearer)).statusCode, 200)
  await app.services.state.revocations.revoke([{ subject: `u:${userId}`, sessionId, reason: 'logout' }], 900_000)
  for (const url of ['/user', '/participant', '/optional']) {
    const answer = await ask(url, bearer)
    t.equal(answer.statusCode, 401, url)
    t.equal(answer.json().code, 'TOKEN_REVOKED')
  }
  t.match((await ask('/public', bearer)).json(), { kind: null })
  t.match(log.of('security').at(-1), { action: 'token', outcome: 'refused', code: 'TOKEN_REVOKED' })
})
