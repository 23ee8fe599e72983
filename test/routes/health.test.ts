import t from 'tap'
import { createHealth } from '../../services/health.ts'
import { buildTestApp } from '../helper.ts'
import { migratedDatabase } from '../support/database.ts'
import { startPostgres } from '../support/postgres.ts'

const translator = {
  name: 'words',
  pairs: () => [{ source: 'en', target: 'es', engine: 'words' }],
  translate: async ({ text }: { text: string }) => ({ text, engine: 'words' }),
  close: async () => undefined,
}

t.test('a process that has what it needs is alive, ready and healthy', async (t) => {
  const app = await buildTestApp(t, { overrides: { translator } })
  t.same((await app.inject('/livez')).json(), { status: 'ok' })
  t.same((await app.inject('/readyz')).json(), { status: 'ok' })
  const health = await app.inject('/health')
  t.equal(health.statusCode, 200)
  t.same(health.json(), {
    status: 'ok',
    dependencies: {
      database: { status: 'up' },
      redis: { status: 'memory' },
      translation: { status: 'up' },
      votes: { status: 'up' },
    },
  })
  for (const url of ['/livez', '/readyz']) t.notOk((await app.inject(url)).headers.ratelimit, 'not limited')
  t.equal((await app.inject({ method: 'HEAD', url: '/livez' })).statusCode, 200)
})

t.test('a process that shuts down is alive but not ready', async (t) => {
  const app = await buildTestApp(t)
  app.services.health.drain()
  t.equal((await app.inject('/livez')).statusCode, 200)
  const answer = await app.inject('/readyz')
  t.equal(answer.statusCode, 503)
  t.equal(answer.json().code, 'SERVICE_UNAVAILABLE')
})

t.test('without an engine the process is degraded, and works', async (t) => {
  const app = await buildTestApp(t)
  t.match((await app.inject('/health')).json(), {
    status: 'degraded',
    dependencies: { translation: { status: 'down' } },
  })
  t.equal((await app.inject('/readyz')).statusCode, 200)
})

t.test('a database that is gone makes it degraded and not ready', async (t) => {
  const postgres = await startPostgres(t)
  const app = await buildTestApp(t, { config: { databaseUrl: await postgres.createDatabase() } })
  t.equal((await app.inject('/readyz')).statusCode, 200)
  await postgres.stop()
  // What was true a moment ago is believed for a second.
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  t.equal((await app.inject('/readyz')).statusCode, 503)
  t.equal((await app.inject('/livez')).statusCode, 200)
  const health = await app.inject('/health')
  t.equal(health.statusCode, 200)
  t.match(health.json(), { status: 'degraded', dependencies: { database: { status: 'down' } } })
})

t.test('however often it is asked, the database is asked once a second; one that never answers is down', async (t) => {
  const database = await migratedDatabase(t)
  let pings = 0
  const ping = () => {
    pings++
    return pings === 1 ? new Promise<void>(() => undefined) : database.ping()
  }
  const health = createHealth({
    database: { ...database, ping },
    state: { status: () => 'down' },
    voteBacklog: { status: async () => 'behind' },
    translation: {
      languages: () => ({
        transcription: { engine: null, languages: [] },
        translation: { engine: null, pairs: [] },
        speech: { engine: null, languages: [] },
      }),
    },
  })
  const reports = await Promise.all(Array.from({ length: 50 }, () => health.report()))
  t.equal(pings, 1)
  for (const { status, dependencies } of reports)
    t.match(
      { status, dependencies },
      {
        status: 'degraded',
        dependencies: { database: { status: 'down' }, redis: { status: 'down' }, votes: { status: 'behind' } },
      },
    )
  t.equal(await health.ready(), true, 'asked again, it answers')
  t.equal(pings, 2)
})
