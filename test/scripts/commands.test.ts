import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startPostgres } from '../support/postgres.ts'

const root = join(import.meta.dirname, '..', '..')

/** Runs a script as npm does, with nothing of this process's settings. */
function run(script: string, env: Record<string, string>) {
  const { PATH = '', HOME = '' } = process.env
  const result = spawnSync(process.execPath, [join(root, 'scripts', script)], {
    cwd: root,
    env: { PATH, HOME, ...env },
    encoding: 'utf8',
  })
  return { ...result, text: result.stdout + result.stderr }
}

t.test('config:check shows the settings, masks secrets and makes nothing', async (t) => {
  const dataDir = join(t.testdir(), 'data')
  const { status, text } = run('config-check.ts', { DATA_DIR: dataDir, SMTP_URL: 'smtp://me:hunter2@x' })
  t.equal(status, 0, text)
  t.match(text, `DATA_DIR=${dataDir}`)
  t.match(text, 'SMTP_URL=********')
  t.notMatch(text, 'hunter2')
  t.notOk(existsSync(dataDir))
})

t.test('config:check names every problem and ends with 1', async (t) => {
  const { status, text } = run('config-check.ts', { ENVIRONMENT: 'production', PORT: 'x', SECRET_KEY: 'hunter2' })
  t.equal(status, 1)
  for (const name of ['PORT', 'SECRET_KEY', 'REDIS_URL', 'DATABASE_URL', 'ALLOWED_ORIGINS']) t.match(text, `- ${name} `)
  t.notMatch(text, 'hunter2')
})

t.test('db:migrate applies what is pending, once', async (t) => {
  const server = await startPostgres(t)
  const env = { DATABASE_URL: await server.createDatabase() }
  t.match(run('migrate.ts', env), { status: 0, text: /^[1-9]\d* migrations? applied/ })
  t.match(run('migrate.ts', env), { status: 0, text: /^0 migrations applied/ })
})

t.test('db:migrate says what is wrong without showing the address', async (t) => {
  const { status, text } = run('migrate.ts', { DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:1/x' })
  t.equal(status, 1)
  t.match(text, 'ECONNREFUSED')
  t.notMatch(text, 'hunter2')
})

t.test('worker:votes needs what it shares with the servers, and says so', async (t) => {
  const dataDir = join(t.testdir(), 'data')
  const { status, text } = run('vote-worker.ts', { DATA_DIR: dataDir, SECRET_KEY: 'hunter2'.repeat(8) })
  t.equal(status, 1)
  t.match(text, 'REDIS_URL and DATABASE_URL are required')
  t.match(run('vote-worker.ts', { VOTE_CONSUMER: 'off' }), { status: 1, text: /- VOTE_CONSUMER / })
})
