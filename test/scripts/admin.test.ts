import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { type DatabaseHandle, openDatabase } from '../../repositories/database.ts'
import { sessions, users } from '../../repositories/schema.ts'
import { buildTestApp } from '../helper.ts'
import { rowsOf } from '../support/audit.ts'
import { backends } from '../support/backends.ts'
import { newUser, send, signIn } from '../support/client.ts'
import { dataFolder } from '../support/data-folder.ts'
import { runScript } from '../support/scripts.ts'

const PASSWORD = 'a passphrase for the night shift'

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const { databaseUrl } = await backend.open(t)
    const dataDir = dataFolder(t)
    const env = { DATA_DIR: dataDir, ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}) }
    const admin = (args: string[], input?: string) => runScript('admin.ts', args, env, input)

    /** The embedded database is one process's alone: it is open while the test looks, and no longer. */
    async function look<T>(work: (database: DatabaseHandle) => Promise<T>): Promise<T> {
      const database = await openDatabase({ databaseUrl, dataDir }, { warn: () => undefined })
      try {
        return await work(database)
      } finally {
        await database.close()
      }
    }
    async function serve<T>(t: Test, work: (base: string) => Promise<T>): Promise<T> {
      const database = await openDatabase({ databaseUrl, dataDir }, { warn: () => undefined })
      const app = await buildTestApp(t, { config: { rateLimitAuthPerMinute: 1000 }, overrides: { database } })
      try {
        return await work(await app.listen({ port: 0, host: '127.0.0.1' }))
      } finally {
        await app.close()
        await database.close()
      }
    }

    await t.test('create makes an admin with the password that is piped in', async (t) => {
      t.match(admin(['create', 'Ops@Example.org', '--name', 'Olga'], `${PASSWORD}\n`), {
        status: 0,
        stdout: /ops@example\.org has a new account, and is an admin/,
      })
      t.match(admin(['list']), { status: 0, stdout: /^ops@example\.org {2}Olga / })
      t.match(admin(['create', 'ops@example.org']), { status: 0, stdout: /an admin already: nothing was changed/ })
      await serve(t, async (base) => {
        const { token } = await signIn(base, { email: 'ops@example.org', password: PASSWORD })
        const { status, body } = await send<{ events: object[] }>(base, 'GET', '/api/v1/audit', { token })
        t.equal(status, 200)
        t.match(body.events.at(-1), { action: 'admin_created', actor_kind: 'system', actor_id: null, address: null })
      })
    })

    await t.test('an account that proved its address becomes an admin, and a user again', async (t) => {
      const [email, at] = ['ana@example.org', new Date()]
      await look(({ db }) =>
        db.insert(users).values({
          ...{ id: randomUUID(), email, password_hash: 'x', full_name: 'Ana', email_verified_at: at },
          ...{ speaking_language: 'en', listening_language: 'en' },
          ...{ accepted_terms_at: at, created_at: at, updated_at: at },
        }),
      )
      t.match(admin(['grant', email]), { status: 0, stdout: /had an account: it is an admin's now, with its old/ })
      t.match(admin(['revoke', email]), { status: 0, stdout: /is no admin any more/ })
      t.match(admin(['revoke', email]), { status: 0, stdout: /nothing was changed/ })
      const actions = (await look(({ db }) => rowsOf(db))).map(({ action }) => action)
      t.strictSame(actions.slice(-2), ['role_granted', 'role_revoked'])
    })

    await t.test('whoever signed up with an address that is not proved keeps no way in', async (t) => {
      const eve = await serve(t, (base) => newUser(base))
      t.match(admin(['grant', eve.email]), { status: 1, stderr: /Nobody has proved to own/ })
      t.match(admin(['create', eve.email], `${PASSWORD}\n`), { status: 0, stdout: /gets a new password/ })
      await look(async ({ db }) => {
        const own = (await db.select().from(sessions)).filter(({ user_id }) => user_id === eve.userId)
        t.ok(own.length > 0 && own.every(({ revoked_at }) => revoked_at !== null))
      })
      await serve(t, async (base) => {
        const old = { email: eve.email, password: eve.password }
        t.equal((await send(base, 'POST', '/api/v1/auth/login', { body: old })).status, 401)
        await signIn(base, { email: eve.email, password: PASSWORD })
      })
    })
  })
}
