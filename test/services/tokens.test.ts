import { createHmac, randomBytes } from 'node:crypto'
import t from 'tap'
import { AppError } from '../../errors.ts'
import { createTokens } from '../../services/tokens.ts'

const secretKey = randomBytes(32).toString('base64url')
const options = { secretKey, secretKeyPrevious: null, accessTokenTtlSeconds: 900 }

/** Rebuilds a token with another header or other claims, signed with the real key. */
function forge(token: string, changes: { header?: object; claims?: object; key?: string; hash?: string }): string {
  const [header = '', claims = ''] = token.split('.')
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
  const write = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const input = `${changes.header ? write({ ...read(header), ...changes.header }) : header}.${write({ ...read(claims), ...changes.claims })}`
  const mac = createHmac(changes.hash ?? 'sha256', changes.key ?? secretKey)
    .update(input)
    .digest('base64url')
  return `${input}.${mac}`
}

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return error instanceof AppError ? error.code : String(error)
  }
  return 'accepted'
}

t.test('an access token names its user and session', async (t) => {
  const tokens = createTokens(options)
  const issued = tokens.issueAccess('user-1', 'session-1')
  const expected = {
    kind: 'user',
    userId: 'user-1',
    sessionId: 'session-1',
    jti: issued.jti,
    expiresAt: issued.expiresAt,
  }
  t.strictSame(tokens.verify(issued.token), expected)
  t.strictSame(tokens.verify(issued.token), expected, 'again, from the cache')
})

t.test('a guest token names its room, and its session is the participation', async (t) => {
  const tokens = createTokens(options)
  const issued = tokens.issueGuest('participant-1', 'room-1')
  t.match(tokens.verify(issued.token), {
    kind: 'guest',
    participantId: 'participant-1',
    roomId: 'room-1',
    sessionId: 'participant-1',
  })
})

t.test('a token signed with the right key but with other claims is refused', async (t) => {
  const tokens = createTokens(options)
  const { token } = tokens.issueAccess('user-1', 'session-1')
  t.equal(
    codeOf(() => tokens.verify(forge(token, {}))),
    'accepted',
    'the forge itself works',
  )
  const cases: Record<string, object> = {
    'another issuer': { iss: 'elsewhere' },
    'no issuer': { iss: undefined },
    'another audience': { aud: 'elsewhere' },
    'another type': { type: 'refresh' },
    'no type': { type: undefined },
    'no jti': { jti: undefined },
    'an empty jti': { jti: '' },
    'no session': { sid: undefined },
    'no subject': { sub: undefined },
    'no expiry': { exp: undefined },
    'an expiry that is no number': { exp: 'never' },
    'a guest without a room': { type: 'guest' },
  }
  for (const [name, claims] of Object.entries(cases)) {
    t.equal(
      codeOf(() => tokens.verify(forge(token, { claims }))),
      'UNAUTHENTICATED',
      name,
    )
  }
  const past = Math.floor(Date.now() / 1000) - 1
  t.equal(
    codeOf(() => tokens.verify(forge(token, { claims: { exp: past } }))),
    'TOKEN_EXPIRED',
  )
})

t.test('another algorithm, header or key is refused', async (t) => {
  const tokens = createTokens(options)
  const { token } = tokens.issueAccess('user-1', 'session-1')
  const [header = '', claims = '', signature = ''] = token.split('.')
  const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')
  const refused: Record<string, string> = {
    'alg none': `${none}.${claims}.`,
    'alg none with a signature': `${none}.${claims}.${signature}`,
    HS512: forge(token, { header: { alg: 'HS512' }, hash: 'sha512' }),
    'an unknown kid': forge(token, { header: { kid: '../../etc/passwd' } }),
    'a key in the header': forge(token, { header: { jwk: { kty: 'oct', k: 'AAAA' } } }),
    'another key': forge(token, { key: 'x'.repeat(43) }),
    'a tampered signature': `${header}.${claims}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
    'two parts': `${header}.${claims}`,
    empty: '',
    text: 'Bearer',
  }
  for (const [name, bad] of Object.entries(refused))
    t.equal(
      codeOf(() => tokens.verify(bad)),
      'UNAUTHENTICATED',
      name,
    )
})

t.test('a cached token is refused once it has expired', async (t) => {
  const tokens = createTokens({ ...options, accessTokenTtlSeconds: 1 })
  const { token, expiresAt } = tokens.issueAccess('user-1', 'session-1')
  t.equal(
    codeOf(() => tokens.verify(token)),
    'accepted',
  )
  await new Promise((resolve) => setTimeout(resolve, expiresAt - Date.now() + 1100))
  t.equal(
    codeOf(() => tokens.verify(token)),
    'TOKEN_EXPIRED',
  )
})

t.test('after a key rotation tokens of the previous key are still accepted, and none are signed with it', async (t) => {
  const before = createTokens(options)
  const after = createTokens({
    ...options,
    secretKey: randomBytes(32).toString('base64url'),
    secretKeyPrevious: secretKey,
  })
  t.equal(after.verify(before.issueAccess('user-1', 'session-1').token).kind, 'user')
  t.equal(
    codeOf(() => before.verify(after.issueAccess('user-1', 'session-1').token)),
    'UNAUTHENTICATED',
  )
})
