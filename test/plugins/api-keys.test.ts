import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import type { InjectOptions } from 'fastify'
import t, { type Test } from 'tap'
import type { Config } from '../../config.ts'
import { apiKeys, users } from '../../repositories/schema.ts'
import type { MadeApiKey, NewApiKey } from '../../schemas/api-keys.ts'
import { newKey } from '../../services/api-keys/key-text.ts'
import type { Admission } from '../../state/limiter.ts'
import { createMemoryState } from '../../state/memory/state.ts'
import { buildTestApp, captureLog } from '../helper.ts'
import { backends } from '../support/backends.ts'
import { createDatabase, startPostgres } from '../support/postgres.ts'
import { FAILURES, until } from '../support/states.ts'

type Backend = (typeof backends)[number]
const [embedded] = backends as [Backend, ...Backend[]]
const MEETINGS = '/api/v1/meetings'

/** An app, somebody with an account, and what a machine asks of it. */
async function serve(t: Test, config: Partial<Config> = {}, backend = embedded) {
  const log = captureLog()
  const clock = { ahead: 0 }
  const admissions: Admission[] = []
  const own = config.redisUrl || backend.name === 'distributed' ? null : createMemoryState({ failures: FAILURES })
  const counted = own && {
    ...own,
    limiter: {
      admit: (admission: Admission) => {
        admissions.push(admission)
        return own.limiter.admit(admission)
      },
    },
  }
  const app = await buildTestApp(t, {
    backend,
    config: { trustedProxies: ['127.0.0.1'], ...config },
    overrides: {
      logger: log.logger,
      now: () => new Date(Date.now() + clock.ahead),
      ...(counted ? { state: counted } : {}),
      extend(app) {
        for (const guard of ['public', 'optional', 'user', 'participant'] as const) {
          const answer = (request: { principal: { kind: string } | null }) => ({
            kind: request.principal?.kind ?? null,
          })
          app.get(`/${guard}`, { config: { guard } }, answer)
          if (guard !== 'public') app.get(`/${guard}/scoped`, { config: { guard, scope: 'meetings:read' } }, answer)
        }
      },
    },
  })
  const { database, tokens } = app.services
  const userId = randomUUID()
  const at = new Date()
  await database.db.insert(users).values({
    ...{ id: userId, email: `${userId}@example.org`, password_hash: 'x', full_name: 'Ana' },
    ...{ speaking_language: 'en', listening_language: 'en' },
    ...{ accepted_terms_at: at, created_at: at, updated_at: at },
  })
  const token = () => tokens.issueAccess(userId, randomUUID()).token
  const authorization = `Bearer ${token()}`
  async function make(change: Partial<NewApiKey> = {}): Promise<MadeApiKey> {
    const payload = { name: 'Machine', scopes: ['meetings:read'], ...change }
    const answer = await app.inject({ method: 'POST', url: '/api/v1/api-keys', headers: { authorization }, payload })
    if (answer.statusCode !== 201) throw new Error(answer.body)
    return answer.json()
  }
  async function ask(key: string, options: InjectOptions = {}) {
    const headers = { 'x-api-key': key, ...options.headers }
    const answer = await app.inject({ url: MEETINGS, ...options, headers })
    return { status: answer.statusCode, code: answer.statusCode < 400 ? null : answer.json().code, answer }
  }
  let lookUps = 0
  const { db } = database
  const select = db.select.bind(db)
  // Every look at the table of keys.
  db.select = ((...args: Parameters<typeof select>) => {
    const query = select(...args)
    const { from } = query
    query.from = ((table: never) => {
      if ((table as unknown) === apiKeys) lookUps += 1
      return from.call(query, table)
    }) as typeof from
    return query
  }) as typeof db.select
  return { app, db, log, clock, admissions, userId, authorization, make, ask, lookUps: () => lookUps }
}

t.test('a wrong key is 401, whatever is wrong with it', async (t) => {
  const { make, ask, log } = await serve(t)
  const { key } = await make()
  t.equal((await ask(key)).status, 200)
  const bad: Record<string, string> = {
    'made up': newKey(),
    mistyped: `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`,
    cut: key.slice(0, -1),
    empty: '',
    twice: `${key}, ${key}`,
    'with a scheme': `Bearer ${key}`,
    'too long': key.repeat(100),
    'something else': 'abc',
  }
  for (const [name, text] of Object.entries(bad)) {
    const { status, code } = await ask(text)
    t.same([status, code], [401, 'UNAUTHENTICATED'], name)
    t.equal((await ask(text, { url: '/optional' })).status, 401, `${name}, where a key may come`)
    t.equal((await ask(text, { url: '/public' })).status, 200, `${name}, where nobody is asked`)
  }
  t.equal((await ask(key, { url: `${MEETINGS}?x_api_key=${key}` })).status, 400, 'a key is not taken from the address')
  t.match(log.of('security').at(-1), { action: 'api_key_refused', outcome: 'refused', code: 'UNAUTHENTICATED' })
})

t.test('a missing key is 401', async (t) => {
  const { app } = await serve(t)
  t.match((await app.inject(MEETINGS)).json(), { code: 'UNAUTHENTICATED' })
})

t.test('a key and a token together are nobody', async (t) => {
  const { make, ask, authorization } = await serve(t)
  const { key } = await make()
  const { status, answer } = await ask(key, { headers: { authorization } })
  t.equal(status, 401)
  t.match(answer.json(), { message: 'Send a token or an API key, not both.' })
})

t.test('each guard takes the keys that it says', async (t) => {
  const { make, ask } = await serve(t)
  const [reads, pipeline] = [await make(), await make({ scopes: ['pipeline'] })]
  const expected: Record<string, [number, number]> = {
    '/public': [200, 200],
    '/optional': [403, 403],
    '/user': [403, 403],
    '/participant': [403, 403],
    '/optional/scoped': [200, 403],
    '/user/scoped': [200, 403],
    '/participant/scoped': [200, 403],
  }
  for (const [url, [own, other]] of Object.entries(expected)) {
    t.equal((await ask(reads.key, { url })).status, own, url)
    t.equal((await ask(pipeline.key, { url })).status, other, `${url} without the scope`)
  }
  const { answer } = await ask(pipeline.key)
  t.match(answer.json(), { code: 'FORBIDDEN', message: 'The API key lacks the scope meetings:read.' })
  t.match((await ask(reads.key, { url: '/public' })).answer.json(), { kind: null })
})

t.test('a key is good from its networks alone', async (t) => {
  const { make, ask, log } = await serve(t)
  const { id, key } = await make({ allowed_networks: ['203.0.113.0/24', '2001:db8::/32'] })
  const from = async (address: string) => (await ask(key, { headers: { 'x-forwarded-for': address } })).status
  t.equal(await from('203.0.113.9'), 200)
  t.equal(await from('::ffff:203.0.113.9'), 200, 'the same address mapped into IPv6')
  t.equal(await from('2001:db8::1'), 200)
  t.equal(await from('203.0.114.9'), 403)
  t.equal(await from('2001:db9::1'), 403)
  t.match(log.of('security').at(-1), { action: 'api_key_refused', subject: id, code: 'FORBIDDEN' })
  t.equal(
    (await ask(key, { remoteAddress: '198.51.100.1', headers: { 'x-forwarded-for': '203.0.113.9' } })).status,
    403,
  )
})

t.test('a key has limits of its own', async (t) => {
  const { make, ask, app, authorization } = await serve(t, {
    rateLimitDefaultPerMinute: 5,
    rateLimitPipelinePerMinute: 2,
  })
  const [one, two] = [await make({ scopes: ['pipeline', 'meetings:read'] }), await make()]
  for (let call = 0; call < 5; call++) t.equal((await ask(one.key)).status, 200)
  const refused = await ask(one.key)
  t.same([refused.status, refused.code], [429, 'RATE_LIMIT_EXCEEDED'])
  t.match(refused.answer.headers, { 'ratelimit-policy': '"default";q=5;w=60', 'retry-after': /^\d+$/ })
  t.equal((await ask(two.key)).status, 200, 'another key of the same user')
  t.equal((await app.inject({ url: MEETINGS, headers: { authorization } })).statusCode, 200, 'the user')
  t.equal((await app.inject('/health')).statusCode, 200, 'the address')

  const url = '/api/v1/pipeline/translations'
  const payload = { text: 'tea', source_language: 'en', target_language: 'xx' }
  const translate = () => ask(one.key, { method: 'POST', url, payload })
  for (let call = 0; call < 2; call++) t.not((await translate()).status, 429)
  t.equal((await translate()).status, 429)
})

t.test('one look at the state a request, and the database is asked once in a while', async (t) => {
  const { make, ask, admissions, lookUps, clock } = await serve(t)
  const { id, key } = await make()
  const before = lookUps()
  t.equal((await ask(key)).status, 200)
  t.match(admissions.slice(-2), [
    { subject: 'ip:127.0.0.1', limits: [{ name: 'api_keys' }] },
    { subject: `k:${id}`, sessionId: id, limits: [{ name: 'default' }] },
  ])
  t.equal(lookUps() - before, 1)
  const [asked, admitted] = [lookUps(), admissions.length]
  for (let call = 0; call < 10; call++) t.equal((await ask(key)).status, 200)
  t.equal(lookUps(), asked, 'known now')
  t.equal(admissions.length, admitted + 10)
  clock.ahead = 31_000
  t.equal((await ask(key)).status, 200)
  t.equal(lookUps(), asked + 1, 'half a minute later it is asked for again')
})

t.test('what changes in the table counts half a minute later at the latest', async (t) => {
  const { make, ask, db, clock } = await serve(t)
  const { id, key } = await make()
  t.equal((await ask(key)).status, 200)
  await db.update(apiKeys).set({ revoked_at: new Date() }).where(eq(apiKeys.id, id))
  clock.ahead = 31_000
  const { status, code } = await ask(key)
  t.same([status, code], [401, 'TOKEN_REVOKED'])
})

t.test('strangers with keys that they made up do not get as far as the database', async (t) => {
  const { ask, lookUps, app, make } = await serve(t, { rateLimitDefaultPerMinute: 20 })
  const { key } = await make()
  t.equal((await ask(key, { headers: { 'x-forwarded-for': '198.51.100.7' } })).status, 200)
  const before = lookUps()
  const wellFormed = await Promise.all(Array.from({ length: 60 }, () => ask(newKey())))
  t.equal(wellFormed.filter(({ status }) => status === 401).length, 20)
  t.equal(wellFormed.filter(({ status }) => status === 429).length, 40)
  t.equal(lookUps() - before, 20, 'the address was counted first')
  t.equal((await ask(key)).status, 200, 'a key that is known does not suffer')
  t.equal((await app.inject('/health')).statusCode, 200, 'nor does who comes without a key')

  const other = { headers: { 'x-forwarded-for': '198.51.100.8' } }
  const one = newKey()
  const asked = lookUps()
  for (let call = 0; call < 10; call++) t.equal((await ask(one, other)).status, 401)
  t.equal(lookUps() - asked, 1, 'that there is no such key is remembered')
  for (let call = 0; call < 10; call++) t.equal((await ask(`${newKey()}x`, other)).status, 401)
  t.equal(lookUps() - asked, 1, 'a wrong checksum says enough')
})

t.test('many requests with a key that nobody knows yet ask once', async (t) => {
  const { make, ask, lookUps } = await serve(t)
  const { key } = await make()
  const before = lookUps()
  const answers = await Promise.all(Array.from({ length: 30 }, () => ask(key)))
  t.ok(answers.every(({ status }) => status === 200))
  t.equal(lookUps() - before, 1)
})

t.test('the key is in no line of the log, and no error', async (t) => {
  const { make, ask, log, userId } = await serve(t)
  const { id, key } = await make()
  await ask(key)
  await ask(key, { url: '/user' })
  const wrong = newKey()
  t.notMatch((await ask(wrong)).answer.body, wrong)
  log.logger.info({ headers: { 'X-API-Key': key } }, 'headers')
  const text = log.lines.join('')
  for (const secret of [key, wrong, key.slice(12)]) t.notMatch(text, secret)
  t.match(log.of('request').at(-3), { user_id: userId, api_key_id: id, status: 200 })
})

for (const backend of backends) {
  t.test(`${backend.name}: when and from where a key was used is written beside the requests`, async (t) => {
    const { app, make, ask, clock, authorization, log } = await serve(t, {}, backend)
    const [used, refused, other] = [await make(), await make({ allowed_networks: ['203.0.113.7'] }), await make()]
    const look = async (id: string) =>
      (await app.inject({ url: `/api/v1/api-keys/${id}`, headers: { authorization } })).json()
    await ask(used.key, { headers: { 'x-forwarded-for': '198.51.100.1' } })
    await ask(used.key, { headers: { 'x-forwarded-for': '::ffff:198.51.100.2' } })
    await ask(refused.key)
    t.match(await look(used.id), { last_used_at: null }, 'not while the request waits')
    await app.services.apiKeys.writeUses()
    const { last_used_at } = await look(used.id)
    t.match(await look(used.id), { last_used_at: /^\d{4}-/, last_used_address: '198.51.100.2' })
    t.match(await look(refused.id), { last_used_at: null }, 'from elsewhere it was no use')
    t.match(await look(other.id), { last_used_at: null })

    clock.ahead = -60_000
    await ask(used.key)
    await app.services.apiKeys.writeUses()
    t.match(await look(used.id), { last_used_at }, 'a newer use stays')
    t.same(
      log.entries().filter(({ level }) => level === 'warn'),
      [],
    )
  })
}

t.test('while the database is gone known keys go on for a while, others are a 503, and probes answer', async (t) => {
  const postgres = await startPostgres(t)
  const { make, ask, clock } = await serve(t, { databaseUrl: await postgres.createDatabase() })
  const [known, unknown] = [await make(), await make()]
  const url = '/user/scoped'
  t.equal((await ask(known.key, { url })).status, 200)
  await postgres.stop()
  t.equal((await ask(known.key, { url })).status, 200)
  const refused = await ask(unknown.key, { url })
  t.same([refused.status, refused.code], [503, 'SERVICE_UNAVAILABLE'])
  t.match(refused.answer.headers, { 'retry-after': '1' })
  t.equal((await ask(unknown.key, { url: '/livez' })).status, 200)
  t.equal((await ask(unknown.key, { url: '/public' })).status, 200)
  clock.ahead = 31_000
  t.equal((await ask(known.key, { url })).status, 503, 'nobody knows whether it is still good')
  await postgres.start()
  await until(async () => (await ask(known.key, { url })).status === 200)
})

t.test('uses are written when the server closes, and kept while the database is away', async (t) => {
  const shared = process.env.TEST_DATABASE_URL
  const databaseUrl = shared ? await createDatabase(shared) : await (await startPostgres(t)).createDatabase()
  const first = await serve(t, { databaseUrl })
  const { id, key } = await first.make()
  await first.ask(key)
  const { db } = first.app.services.database
  const execute = db.execute.bind(db)
  db.execute = (() => Promise.reject(new Error('away'))) as unknown as typeof db.execute
  await first.app.services.apiKeys.writeUses()
  t.match(first.log.entries().at(-1), { level: 'warn', msg: 'the last uses of API keys could not be written' })
  db.execute = execute
  await first.app.close()
  const second = await serve(t, { databaseUrl })
  const [row] = await second.db.select().from(apiKeys).where(eq(apiKeys.id, id))
  t.match(row, { last_used_at: Date, last_used_address: '127.0.0.1' })
})
