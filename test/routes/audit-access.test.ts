import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { sessions, users } from '../../repositories/schema.ts'
import { createMemoryState } from '../../state/memory/state.ts'
import { StateUnavailableError } from '../../state/state.ts'
import { buildTestApp } from '../helper.ts'
import { makeAdmin } from '../support/audit.ts'
import { backends } from '../support/backends.ts'
import { FAILURES, openRedisState } from '../support/states.ts'

/** Every call on the trail, `/audit` with whatever makes it another call. */
const CALLS = {
  'all of it': '/audit',
  'all of it, as a file': '/audit?format=csv',
  'a room': '/audit?room_code=ROOM',
  'a room, as a file': '/audit?room_code=ROOM&format=ndjson',
  'a room, by address': '/audit?room_code=ROOM&address=127.0.0.1',
  'a room that is not': `/audit?room_code=${'a'.repeat(26)}`,
  'the chain': '/audit/chain',
} as const
type Name = keyof typeof CALLS

const everything = (status: number) => Object.fromEntries(Object.keys(CALLS).map((name) => [name, status]))
const all = { 'all of it': 403, 'all of it, as a file': 403, 'the chain': 403, 'a room that is not': 404 }
const room = (status: number) => ({ 'a room': status, 'a room, as a file': status, 'a room, by address': status })
const MAY: Record<string, Record<string, number>> = {
  anonymous: everything(401),
  'a guest': everything(403),
  stranger: { ...all, ...room(404) },
  'one who takes part': { ...all, ...room(403) },
  'one who was kicked': { ...all, ...room(403) },
  'a co-host': { ...all, ...room(200), 'a room, by address': 403 },
  'the host': { ...all, ...room(200), 'a room, by address': 403 },
  'an admin': { ...everything(200), 'a room that is not': 404 },
  'an admin who signed out': { ...all, ...room(404) },
  'one who was an admin': { ...all, ...room(404) },
}

/** Somebody signed in, without the cost of a password's hash. */
async function account(app: FastifyInstance) {
  const { database, tokens } = app.services
  const [id, sessionId, at] = [randomUUID(), randomUUID(), new Date()]
  const languages = { speaking_language: 'en', listening_language: 'en' }
  const times = { accepted_terms_at: at, created_at: at, updated_at: at }
  const email = `${id}@example.org`
  await database.db.insert(users).values({ id, email, password_hash: 'x', full_name: 'Ana', ...languages, ...times })
  const device = { access_jti: 'x', user_agent: '', address: '127.0.0.1' }
  const ends = { created_at: at, last_used_at: at, expires_at: new Date(at.getTime() + 86_400_000) }
  await database.db.insert(sessions).values({ id: sessionId, user_id: id, ...device, ...ends })
  return { id, token: tokens.issueAccess(id, sessionId).token }
}

for (const backend of backends) {
  t.test(`who may read the trail: ${backend.name}`, async (t) => {
    const urls = await backend.open(t)
    const state = urls.redisUrl ? await openRedisState(t, urls.redisUrl) : createMemoryState({ failures: FAILURES })
    const app = await buildTestApp(t, { config: { ...urls, rateLimitDefaultPerMinute: 10_000 }, overrides: { state } })
    const { db } = app.services.database
    const inject = async (method: 'GET' | 'POST' | 'PATCH', path: string, token?: string, payload?: object) => {
      const headers = token ? { authorization: `Bearer ${token}` } : {}
      return app.inject({ method, url: `/api/v1${path}`, headers, ...(payload ? { payload } : {}) })
    }
    const [stranger, plain, kicked, coHost, host] = [
      ...[await account(app), await account(app), await account(app), await account(app), await account(app)],
    ]
    const [admin, gone, former] = [await account(app), await account(app), await account(app)]
    if (!stranger || !plain || !kicked || !coHost || !host) return void t.fail('accounts')
    for (const { id } of [admin, gone, former]) await makeAdmin(db, id)
    t.equal((await inject('GET', '/audit', former.token)).statusCode, 200)
    await makeAdmin(db, former.id, 'user')

    const code = (await inject('POST', '/meetings', host.token, { name: 'Room' })).json().room_code
    const join = async (token?: string, body = {}) =>
      (await inject('POST', `/meetings/${code}/join`, token, body)).json()
    const [co, out] = [await join(coHost.token), await join(kicked.token)]
    await join(plain.token)
    const guest = await join(undefined, { display_name: 'Guest' })
    await inject('PATCH', `/meetings/${code}/participants/${co.participant.id}`, host.token, { role: 'co_host' })
    await inject('POST', `/meetings/${code}/kick/${out.participant.id}`, host.token)
    // Only the database knows it: the token itself is still good elsewhere.
    await db.update(sessions).set({ revoked_at: new Date() }).where(eq(sessions.user_id, gone.id))

    const cast: Record<string, string | undefined> = {
      anonymous: undefined,
      'a guest': guest.guest_token,
      stranger: stranger.token,
      'one who takes part': plain.token,
      'one who was kicked': kicked.token,
      'a co-host': coHost.token,
      'the host': host.token,
      'an admin': admin.token,
      'an admin who signed out': gone.token,
      'one who was an admin': former.token,
    }
    t.strictSame(Object.keys(cast), Object.keys(MAY), 'everybody is tried')
    for (const [who, token] of Object.entries(cast)) {
      await t.test(who, async (t) => {
        for (const name of Object.keys(CALLS) as Name[]) {
          const answer = await inject('GET', CALLS[name].replace('ROOM', code), token)
          t.equal(answer.statusCode, MAY[who]?.[name], name)
        }
      })
    }
  })
}

t.test('no call on the trail is forgotten here', async (t) => {
  const app = await buildTestApp(t)
  const { paths } = (await app.inject('/openapi.json')).json() as { paths: Record<string, object> }
  const found = Object.entries(paths).filter(([path]) => path.startsWith('/api/v1/audit'))
  t.strictSame(
    found.map(([path, methods]) => [path.replace('/api/v1', ''), Object.keys(methods)]).sort(),
    [...new Set(Object.values(CALLS).map((path) => path.split('?')[0]))].map((path) => [path, ['get']]).sort(),
  )
})

t.test('nobody is an admin while nobody can tell whether the session was ended', async (t) => {
  const memory = createMemoryState({ failures: FAILURES })
  let isDown = false
  const isRevoked: typeof memory.revocations.isRevoked = (...asked) => {
    if (isDown) throw new StateUnavailableError('Redis does not answer')
    return memory.revocations.isRevoked(...asked)
  }
  const state = { ...memory, revocations: { ...memory.revocations, isRevoked } }
  const app = await buildTestApp(t, { overrides: { state } })
  const { id, token } = await account(app)
  await makeAdmin(app.services.database.db, id)
  const status = async (path: string) =>
    (await app.inject({ url: `/api/v1${path}`, headers: { authorization: `Bearer ${token}` } })).statusCode
  t.equal(await status('/audit'), 200)
  isDown = true
  t.equal(await status('/audit'), 503)
  t.equal(await status('/audit/chain'), 503)
  t.equal(await status('/users/me'), 200, 'what is no admin matter goes on')
})
