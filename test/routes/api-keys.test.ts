import { randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eq, sql } from 'drizzle-orm'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { apiKeys, sessions, users } from '../../repositories/schema.ts'
import type { ApiKey, ApiKeysPage, MadeApiKey } from '../../schemas/api-keys.ts'
import { buildTestApp } from '../helper.ts'
import { byKey, look, newApiKey, PATH } from '../support/api-keys.ts'
import { backends } from '../support/backends.ts'
import { newUser, type SignedIn, send } from '../support/client.ts'

const DAY_MS = 86_400_000

async function serve(t: Test, backend: (typeof backends)[number]) {
  const clock = { ahead: 0 }
  const now = () => new Date(Date.now() + clock.ahead)
  const app = await buildTestApp(t, {
    backend,
    config: { rateLimitAuthPerMinute: 1000, rateLimitDefaultPerMinute: 10_000 },
    overrides: { now },
  })
  const base = await app.listen({ port: 0, host: '127.0.0.1' })
  const call = <T = Record<string, never>>(who: SignedIn, method: string, path = '', body?: unknown) =>
    send<T>(base, method, `${PATH}${path}`, { token: who.token, ...(body === undefined ? {} : { body }) })
  /** What a key may do where it is good: own meetings. */
  const use = async (key: string) => (await byKey(base, key, 'GET', '/api/v1/meetings')).status
  return { app, base, db: app.services.database.db, clock, call, use }
}

/** What the newest mail to an address brings. */
async function resetToken(app: FastifyInstance, email: string): Promise<string> {
  const { mailWorker, outboxFolder } = app.services
  await mailWorker.run()
  for (const file of (await readdir(outboxFolder)).sort().reverse()) {
    const text = await readFile(join(outboxFolder, file), 'utf8')
    const token = text.includes(`To: ${email}`) && /^Token: (\S+)/m.exec(text)?.[1]
    if (token) return token
  }
  throw new Error('no mail came')
}

const days = ({ created_at, expires_at }: ApiKey) => (Date.parse(expires_at) - Date.parse(created_at)) / DAY_MS

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const { app, base, db, clock, call, use } = await serve(t, backend)
    const [ana, ben, admin] = [await newUser(base), await newUser(base), await newUser(base)]
    await db.update(users).set({ role: 'admin' }).where(eq(users.id, admin.userId))

    await t.test('a key is shown once, kept hashed, and works', async (t) => {
      const made = await call<MadeApiKey>(ana, 'POST', '', {
        name: '  Captions bot ',
        scopes: ['meetings:read'],
        allowed_networks: ['127.0.0.1', '127.0.0.9/8', '::ffff:127.0.0.1/104', '2001:db8::1'],
      })
      t.equal(made.status, 201)
      const { key, ...shown } = made.body
      t.match(key, /^fm_live_[0-9A-Za-z]{49}$/)
      t.match(shown, {
        user_id: ana.userId,
        name: 'Captions bot',
        prefix: key.slice(0, 12),
        scopes: ['meetings:read'],
        allowed_networks: ['127.0.0.1/32', '127.0.0.0/8', '2001:db8::1/128'],
        state: 'active',
        last_used_at: null,
        last_used_address: null,
        replaced_by: null,
        revoked_at: null,
      })
      t.equal(days(shown), 90)
      t.equal(await use(key), 200)
      t.strictSame((await call(ana, 'GET', `/${shown.id}`)).body, shown)
      const listed = await call<ApiKeysPage>(ana, 'GET')
      t.strictSame(listed.body.api_keys[0], shown)
      t.notMatch(JSON.stringify(listed.body), key)
      const [row] = await db.select().from(apiKeys).where(eq(apiKeys.id, shown.id))
      t.notMatch(JSON.stringify(row), key.slice(12))
    })

    await t.test('what is no key is refused by name', async (t) => {
      const good = { name: 'Machine', scopes: ['pipeline'] }
      const bad: [string, object][] = [
        ['body.name', { scopes: ['pipeline'] }],
        ['body.name', { ...good, name: '<b>x</b>' }],
        ['body.scopes', { ...good, scopes: [] }],
        ['body.scopes', { ...good, scopes: ['pipeline', 'pipeline'] }],
        ['body.scopes.0', { ...good, scopes: ['admin'] }],
        ['body.expires_in_days', { ...good, expires_in_days: 0 }],
        ['body.expires_in_days', { ...good, expires_in_days: 366 }],
        ['body.allowed_networks.1', { ...good, allowed_networks: ['10.0.0.0/8', '10.0.0.0/40'] }],
        ['body.allowed_networks', { ...good, allowed_networks: Array(21).fill('10.0.0.0/8') }],
        ['body.user_id', { ...good, user_id: ben.userId }],
      ]
      for (const [field, body] of bad) {
        const answer = await call<{ code: string; details: { field: string }[] }>(ana, 'POST', '', body)
        t.equal(answer.status, 400, field)
        t.match(answer.body, { code: 'VALIDATION_ERROR' })
        t.ok(
          answer.body.details.some((detail) => detail.field === field),
          `${field} in ${JSON.stringify(answer.body.details)}`,
        )
      }
      t.equal(days(await newApiKey(base, ana.token, { expires_in_days: 365 })), 365)
      const { body } = await call<{ details: object[] }>(ana, 'POST', '', { ...good, scopes: ['admin'] })
      const message = 'must be "pipeline" or "meetings:read" or "meetings:write" or "transcripts:read"'
      t.strictSame(body.details, [{ field: 'body.scopes.0', message }], 'said once, with what it could be')
    })

    await t.test('keys are listed by page, newest first', async (t) => {
      const cleo = await newUser(base)
      for (const name of ['one', 'two', 'three']) await newApiKey(base, cleo.token, { name })
      const first = await call<ApiKeysPage>(cleo, 'GET', '?per_page=2')
      t.match(first.body, { page: 1, per_page: 2, total: 3 })
      t.same(
        first.body.api_keys.map(({ name }) => name),
        ['three', 'two'],
      )
      const second = await call<ApiKeysPage>(cleo, 'GET', '?per_page=2&page=2')
      t.same(
        second.body.api_keys.map(({ name }) => name),
        ['one'],
      )
    })

    await t.test('old and new overlap for a day when a key is rotated', async (t) => {
      const old = await newApiKey(base, ana.token, {
        name: 'Rotated',
        expires_in_days: 30,
        allowed_networks: ['127.0.0.1'],
      })
      const answer = await call<MadeApiKey>(ana, 'POST', `/${old.id}/rotate`)
      t.equal(answer.status, 201)
      const fresh = answer.body
      t.not(fresh.key, old.key)
      t.match(fresh, { name: 'Rotated', scopes: old.scopes, allowed_networks: ['127.0.0.1/32'], state: 'active' })
      t.equal(days(fresh), 30, 'it lives as long as was asked for')
      const replaced = await look(base, ana.token, old.id)
      t.match(replaced, { state: 'replaced', replaced_by: fresh.id })
      t.ok(days(replaced) <= 1.01)
      t.same([await use(old.key), await use(fresh.key)], [200, 200])
      const again = await call(ana, 'POST', `/${old.id}/rotate`)
      t.equal(again.status, 409, 'it has been replaced already')

      clock.ahead = DAY_MS + 60_000
      t.same([await use(old.key), await use(fresh.key)], [401, 200])
      t.match(await look(base, ana.token, old.id), { state: 'expired' })
      clock.ahead = 0
    })

    await t.test('a rotated key does not live longer than it would have', async (t) => {
      const old = await newApiKey(base, ana.token, { expires_in_days: 1 })
      clock.ahead = DAY_MS / 2
      await call(ana, 'POST', `/${old.id}/rotate`)
      t.equal((await look(base, ana.token, old.id)).expires_at, old.expires_at)
      clock.ahead = DAY_MS + 1
      const answer = await call<{ code: string }>(ana, 'POST', `/${old.id}/rotate`)
      t.match(answer, { status: 409, body: { code: 'CONFLICT' } }, 'an expired one is not rotated')
      clock.ahead = 0
    })

    await t.test('a revoked key is refused at once, and stays so', async (t) => {
      const { id, key } = await newApiKey(base, ana.token)
      t.equal(await use(key), 200)
      t.equal((await call(ana, 'DELETE', `/${id}`)).status, 204)
      const refused = await byKey<{ code: string }>(base, key, 'GET', '/api/v1/meetings')
      t.match(refused, { status: 401, body: { code: 'TOKEN_REVOKED' } })
      t.match(await look(base, ana.token, id), { state: 'revoked' })
      t.equal((await call(ana, 'DELETE', `/${id}`)).status, 204, 'once more changes nothing')
      t.equal((await call(ana, 'POST', `/${id}/rotate`)).status, 409)
    })

    await t.test('of many rotations at once one comes about', async (t) => {
      const { id } = await newApiKey(base, ana.token)
      const answers = await Promise.all(Array.from({ length: 5 }, () => call(ana, 'POST', `/${id}/rotate`)))
      t.same(answers.map(({ status }) => status).sort(), [201, 409, 409, 409, 409])
    })

    await t.test('the keys of others are not there', async (t) => {
      const { id, key } = await newApiKey(base, ana.token)
      for (const [method, path] of [
        ['GET', `/${id}`],
        ['POST', `/${id}/rotate`],
        ['DELETE', `/${id}`],
        ['GET', `/${randomUUID()}`],
      ] as const)
        t.match(await call<{ code: string }>(ben, method, path), { status: 404, body: { code: 'NOT_FOUND' } })
      t.equal((await call(ben, 'GET', `?user_id=${ana.userId}`)).status, 403)
      t.equal((await call(ben, 'GET', `?user_id=${ben.userId}`)).status, 200)
      t.equal((await call(ben, 'GET', '/nothing')).status, 400)
      t.equal(await use(key), 200, 'nothing happened to it')
    })

    await t.test('an admin sees and revokes the keys of anybody, and is shown none', async (t) => {
      const { id, key } = await newApiKey(base, ana.token)
      const listed = await call<ApiKeysPage>(admin, 'GET', `?user_id=${ana.userId}`)
      t.ok(listed.body.api_keys.some((shown) => shown.id === id))
      t.equal((await call(admin, 'GET', `/${id}`)).status, 200)
      t.equal((await call(admin, 'POST', `/${id}/rotate`)).status, 404, 'it would act as its owner')
      await db.update(users).set({ role: 'user' }).where(eq(users.id, admin.userId))
      t.equal((await call(admin, 'DELETE', `/${id}`)).status, 404, 'who was an admin is none, with the same token')
      await db.update(users).set({ role: 'admin' }).where(eq(users.id, admin.userId))
      t.equal((await call(admin, 'DELETE', `/${id}`)).status, 204)
      t.equal(await use(key), 401)
    })

    await t.test('a key makes, sees and ends no keys', async (t) => {
      const { id, key } = await newApiKey(base, ana.token, {
        scopes: ['pipeline', 'meetings:read', 'meetings:write', 'transcripts:read'],
      })
      const body = { name: 'More', scopes: ['pipeline'] }
      t.equal((await byKey(base, key, 'POST', PATH, body)).status, 403)
      for (const [method, path] of [
        ['GET', ''],
        ['GET', `/${id}`],
        ['POST', `/${id}/rotate`],
        ['DELETE', `/${id}`],
      ] as const)
        t.equal((await byKey(base, key, method, PATH + path)).status, 403, `${method} ${path}`)
      t.equal((await send(base, 'POST', PATH, { body })).status, 401, 'and nobody makes one for nobody')
    })

    await t.test('a user has twenty at most that are active, however many are asked for at once', async (t) => {
      const dora = await newUser(base)
      const body = { name: 'Many', scopes: ['pipeline'] }
      const answers = await Promise.all(Array.from({ length: 23 }, () => call<MadeApiKey>(dora, 'POST', '', body)))
      t.equal(answers.filter(({ status }) => status === 201).length, 20)
      t.equal(answers.filter(({ status }) => status === 409).length, 3)
      const id = answers.find(({ status }) => status === 201)?.body.id
      const rotated = await call<MadeApiKey>(dora, 'POST', `/${id}/rotate`)
      t.equal(rotated.status, 201, 'a rotation takes the place of the old one')
      await call(dora, 'DELETE', `/${rotated.body.id}`)
      t.equal((await call(dora, 'POST', '', body)).status, 201)
    })

    await t.test('fifty are made in a day, whatever became of them', async (t) => {
      const eve = await newUser(base)
      for (let made = 0; made < 50; made++) {
        const { id } = await newApiKey(base, eve.token)
        await call(eve, 'DELETE', `/${id}`)
      }
      const refused = await call<{ code: string }>(eve, 'POST', '', { name: 'More', scopes: ['pipeline'] })
      t.match(refused, { status: 429, body: { code: 'RATE_LIMIT_EXCEEDED' } })
      t.ok(Number(refused.headers.get('retry-after')) > 0)
      clock.ahead = DAY_MS + 1
      await newApiKey(base, eve.token)
      clock.ahead = 0
    })

    await t.test('keys that ended long ago are forgotten', async (t) => {
      const [gone, revoked, live] = [
        await newApiKey(base, ben.token, { expires_in_days: 1 }),
        await newApiKey(base, ben.token, { expires_in_days: 365 }),
        await newApiKey(base, ben.token, { expires_in_days: 365 }),
      ]
      await call(ben, 'DELETE', `/${revoked.id}`)
      clock.ahead = 90 * DAY_MS - 1000
      await app.services.apiKeys.purge()
      t.equal((await call<ApiKeysPage>(ben, 'GET')).body.total, 3)
      clock.ahead = 91 * DAY_MS + 60_000
      await app.services.apiKeys.purge()
      clock.ahead = 0
      t.same(
        (await call<ApiKeysPage>(ben, 'GET')).body.api_keys.map(({ id }) => id),
        [live.id],
        `${gone.id} and ${revoked.id} are gone`,
      )
    })

    await t.test('choosing a new password by mail ends all keys, changing a known one none', async (t) => {
      const gus = await newUser(base)
      const { key } = await newApiKey(base, gus.token)
      const next = 'a new and long phrase'
      const change = { current_password: gus.password, new_password: next }
      t.equal(
        (await send(base, 'POST', '/api/v1/auth/change-password', { token: gus.token, body: change })).status,
        204,
      )
      t.equal(await use(key), 200)
      const replaced = await newApiKey(base, gus.token)
      const rotated = await call<MadeApiKey>(gus, 'POST', `/${replaced.id}/rotate`)
      await send(base, 'POST', '/api/v1/auth/forgot-password', { body: { email: gus.email } })
      const reset = { token: await resetToken(app, gus.email), new_password: 'another new and long phrase' }
      t.equal((await send(base, 'POST', '/api/v1/auth/reset-password', { body: reset })).status, 204)
      for (const ended of [key, replaced.key, rotated.body.key])
        t.match(await byKey(base, ended, 'GET', '/api/v1/meetings'), { status: 401, body: { code: 'TOKEN_REVOKED' } })
    })

    await t.test('a call that was on its way while its session ended makes no key', async (t) => {
      const hal = await newUser(base)
      const [session] = await db.select().from(sessions).where(eq(sessions.user_id, hal.userId))
      // As a reset leaves it before the other processes have heard.
      await db
        .update(sessions)
        .set({ revoked_at: new Date() })
        .where(eq(sessions.id, session?.id ?? ''))
      const answer = await call<{ code: string }>(hal, 'POST', '', { name: 'Late', scopes: ['pipeline'] })
      t.match(answer, { status: 401, body: { code: 'TOKEN_REVOKED' } })
    })

    await t.test('the export lists keys, without what they are known by; deletion ends them', async (t) => {
      const flo = await newUser(base)
      const { id, key } = await newApiKey(base, flo.token, { name: 'Exported' })
      t.equal(await use(key), 200)
      const exported = await send(base, 'GET', '/api/v1/users/me/export', { token: flo.token })
      t.match(exported.body, { api_keys: [{ id, name: 'Exported', prefix: key.slice(0, 12) }] })
      const [row] = await db.select().from(apiKeys).where(eq(apiKeys.id, id))
      t.notMatch(JSON.stringify(exported.body), row?.key_hash)
      const body = { password: flo.password }
      t.equal((await send(base, 'DELETE', '/api/v1/users/me', { token: flo.token, body })).status, 204)
      t.equal(await use(key), 401, 'also where it was known a moment ago')
      const [left] = await db.select({ count: sql<number>`count(*)::int` }).from(apiKeys).where(eq(apiKeys.id, id))
      t.equal(left?.count, 0)
    })
  })
}
