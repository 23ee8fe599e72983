import t from 'tap'
import { openDatabase } from '../../repositories/database.ts'
import { users } from '../../repositories/schema.ts'
import { buildTestApp } from '../helper.ts'
import { send, signIn } from '../support/client.ts'
import { dataFolder } from '../support/data-folder.ts'
import { createDatabase, startPostgres } from '../support/postgres.ts'
import { runScript } from '../support/scripts.ts'

const PASSWORD = 'a passphrase for the night shift'

t.test('admins by the terminal', async (t) => {
  const shared = process.env.TEST_DATABASE_URL
  const databaseUrl = shared ? await createDatabase(shared) : await (await startPostgres(t)).createDatabase()
  const env = { DATA_DIR: dataFolder(t), DATABASE_URL: databaseUrl }
  const admin = (args: string[], input?: string) => runScript('admin.ts', args, env, input)

  await t.test('with --link the password is chosen by a link that works once', async (t) => {
    const { status, stdout } = admin(['create', 'link@example.org', '--link'])
    t.equal(status, 0)
    const token = /\/reset-password#token=(\S+)/.exec(stdout)?.[1]
    const app = await buildTestApp(t, { config: { databaseUrl } })
    const base = await app.listen({ port: 0, host: '127.0.0.1' })
    const body = { token, new_password: 'chosen by the link itself' }
    t.equal((await send(base, 'POST', '/api/v1/auth/reset-password', { body })).status, 204)
    t.equal((await send(base, 'POST', '/api/v1/auth/reset-password', { body })).status, 400)
    await signIn(base, { email: 'link@example.org', password: 'chosen by the link itself' })
  })

  await t.test('what cannot be is told, and changes nothing', async (t) => {
    const { db, close } = await openDatabase({ databaseUrl, dataDir: dataFolder(t) }, { warn: () => undefined })
    t.teardown(close)
    const before = await db.select().from(users)
    t.match(admin(['create', 'short@example.org'], 'short\n'), { status: 1, stderr: /at least 12 characters/ })
    t.match(admin(['create', 'none@example.org']), { status: 1, stderr: /No password came/ })
    t.match(admin(['create', 'not an address'], PASSWORD), { status: 1, stderr: /is no e-mail address/ })
    t.match(admin(['grant', 'nobody@example.org']), { status: 1, stderr: /Nobody has an account/ })
    for (const args of [[], ['make', 'a@example.org'], ['create', 'a@example.org', PASSWORD]])
      t.match(admin(args), { status: 1, stderr: /npm run admin -- create/ })
    t.strictSame(await db.select().from(users), before)
  })
})

t.test('a database that lacks migrations is left alone outside development', async (t) => {
  const shared = process.env.TEST_DATABASE_URL
  const databaseUrl = shared ? await createDatabase(shared) : await (await startPostgres(t)).createDatabase()
  const env = {
    ...{ ENVIRONMENT: 'production', DATABASE_URL: databaseUrl, REDIS_URL: 'redis://127.0.0.1:1' },
    ...{ SECRET_KEY: 'J6nC9x0Vq2TzR8bW1mK5yH7sL3dF4gPa', PUBLIC_URL: 'https://a.example.org' },
    ...{ ALLOWED_ORIGINS: 'https://a.example.org', ALLOWED_HOSTS: 'a.example.org', SMTP_URL: 'smtp://127.0.0.1' },
  }
  t.match(runScript('admin.ts', ['list'], env), { status: 1, stderr: /run "npm run db:migrate" first/ })
})

t.test('while a server has the embedded database, the commands say so', async (t) => {
  const dataDir = dataFolder(t)
  const database = await openDatabase({ databaseUrl: null, dataDir }, { warn: () => undefined })
  t.teardown(() => database.close())
  t.match(runScript('admin.ts', ['list'], { DATA_DIR: dataDir }), {
    status: 1,
    stderr: /Another process uses .*: stop it/,
  })
  t.match(runScript('audit-verify.ts', [], { DATA_DIR: dataDir }), { status: 1, stderr: /Another process uses/ })
})
