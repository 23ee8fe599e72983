import t from 'tap'
import { buildApp } from '../app.ts'
import { openDatabase } from '../repositories/database.ts'
import { createMemoryState } from '../state/memory/state.ts'
import { buildTestApp, testConfig } from './helper.ts'
import { dataFolder } from './support/data-folder.ts'

t.test('outside development pending migrations stop the boot with a clear line', async (t) => {
  const dataDir = dataFolder(t)
  const database = await openDatabase({ databaseUrl: null, dataDir }, { warn: () => undefined })
  t.teardown(() => database.close())
  const config = testConfig({ environment: 'production', allowedOrigins: ['https://app.example.org'], dataDir })
  const build = () => buildApp(config, { database, translator: null })
  await t.rejects(build(), /lacks \d+ migration\(s\): run "npm run db:migrate"/)
  await database.migrate()
  const app = await build()
  t.equal((await app.inject('/readyz')).statusCode, 200)
  t.equal((await app.inject('/dev/outbox')).statusCode, 404, 'no outbox page in production')
  await app.close()
  await database.ping()
  t.pass('what was given stays open')
})

t.test('the app closes what it opened and leaves open what it was given', async (t) => {
  const state = createMemoryState({ failures: { max: 5, windowMs: 900_000 } })
  let closed = 0
  const counted = { ...state, close: async () => void closed++ }
  const app = await buildTestApp(t, { overrides: { state: counted } })
  await app.close()
  t.equal(closed, 0, 'a given state is the giver’s')
  await t.rejects(app.services.database.ping(), 'its own database is closed')
})

t.test('the description names every call of the API with its guard', async (t) => {
  const app = await buildTestApp(t)
  const answer = await app.inject('/openapi.json')
  t.match(answer.headers['content-type'], /^application\/json/)
  const { openapi, paths } = answer.json()
  t.equal(openapi, '3.1.0')
  for (const path of [
    '/livez',
    '/api/v1/auth/login',
    '/api/v1/users/me',
    '/api/v1/meetings/{room_code}/join',
    '/api/v1/pipeline/translations',
  ])
    t.ok(paths[path], path)
  t.same(paths['/api/v1/users/me'].get.security, [{ bearer: [] }])
  t.same(paths['/api/v1/auth/refresh-token'].post.security, [{ refresh_cookie: [] }])
  t.same(paths['/api/v1/auth/login'].post.security, [])
  t.notOk(paths['/dev/outbox'])
})
