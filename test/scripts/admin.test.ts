import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import t, { type Test } from 'tap'
import { type DatabaseHandle, openDatabase } from '../../repositories/database.ts'
import { sessions, users } from '../../repositories/schema.ts'
import { buildTestApp } from '../helper.ts'
import { rowsOf, tamper } from '../support/audit.ts'
import { backends } from '../support/backends.ts'
import { newUser, send, signIn, signUp } from '../support/client.ts'
import { dataFolder } from '../support/data-folder.ts'

const root = join(import.meta.dirname, '..', '..')
const PASSWORD = 'a passphrase for the night shift'

/** Runs a script as npm does, with nothing of this process's settings; `input` is what is piped in. */
function run(script: string, args: string[], env: Record<string, string>, input = '') {
  const { PATH = '', HOME = '' } = process.env
  const options = { cwd: root, env: { PATH, HOME, ...env }, encoding: 'utf8', input } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'scripts', script), ...args], options)
  return { status, stdout, stderr }
}

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const { databaseUrl } = await backend.open(t)
    const dataDir = dataFolder(t)
    const env = { DATA_DIR: dataDir, ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}) }
    const admin = (args: string[], input?: string) => run('admin.ts', args, env, input)
    const verify = (...args: string[]) => run('audit-verify.ts', args, env)

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

    await t.test('with --link the password is chosen by a link that works once', async (t) => {
      const { status, stdout } = admin(['create', 'link@example.org', '--link'])
      t.equal(status, 0)
      const token = /\/reset-password#token=(\S+)/.exec(stdout)?.[1]
      await serve(t, async (base) => {
        const body = { token, new_password: 'chosen by the link itself' }
        t.equal((await send(base, 'POST', '/api/v1/auth/reset-password', { body })).status, 204)
        t.equal((await send(base, 'POST', '/api/v1/auth/reset-password', { body })).status, 400)
        await signIn(base, { email: 'link@example.org', password: 'chosen by the link itself' })
      })
    })

    await t.test('an account that proved its address becomes an admin, and a user again', async (t) => {
      const ana = await serve(t, signUp)
      await look(({ db }) => db.execute(sql`update users set email_verified_at = now() where email = ${ana.email}`))
      t.match(admin(['grant', ana.email]), { status: 0, stdout: /had an account: it is an admin's now, with its old/ })
      t.match(admin(['revoke', ana.email]), { status: 0, stdout: /is no admin any more/ })
      t.match(admin(['revoke', ana.email]), { status: 0, stdout: /nothing was changed/ })
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

    await t.test('what cannot be is told, and changes nothing', async (t) => {
      const before = await look(({ db }) => db.select().from(users))
      t.match(admin(['create', 'short@example.org'], 'short\n'), { status: 1, stderr: /at least 12 characters/ })
      t.match(admin(['create', 'none@example.org']), { status: 1, stderr: /No password came/ })
      t.match(admin(['create', 'not an address'], PASSWORD), { status: 1, stderr: /is no e-mail address/ })
      t.match(admin(['grant', 'nobody@example.org']), { status: 1, stderr: /Nobody has an account/ })
      for (const args of [
        [],
        ['grant'],
        ['make', 'a@example.org'],
        ['create', 'a@example.org', PASSWORD],
        ['list', 'x'],
      ])
        t.match(admin(args), { status: 1, stderr: /npm run admin -- create/ })
      t.strictSame(await look(({ db }) => db.select().from(users)), before)
    })

    await t.test('audit:verify walks the chain; anchors show a tail that was cut', async (t) => {
      const whole = verify()
      t.match(whole, { status: 0, stdout: /The audit trail holds: rows \d+, anchors 0/ })
      const [, seq = '', hash = ''] = /ends at (\d+):(\S+)/.exec(whole.stdout) ?? []
      const file = join(dataFolder(t), 'server.log')
      const line = JSON.stringify({ level: 'info', event: 'audit_anchor', seq: Number(seq), hash, at: 'x' })
      writeFileSync(file, `{"level":"info"}\nnot json\npod-1 ${line}\n`)
      t.match(verify('--from-anchor', file, '--from-anchor', `${seq}:${hash}`), { status: 0, stdout: /anchors 2/ })
      await look(({ db }) => tamper(db, sql`delete from audit_events where seq = ${Number(seq)}`))
      t.match(verify(), { status: 0 }, 'the rest holds')
      t.match(verify('--from-anchor', file), { status: 1, stderr: `BROKEN: row ${seq} is missing` })
      await look(({ db }) => tamper(db, sql`update audit_events set outcome = 'refused' where seq = 2`))
      t.match(verify(), { status: 1, stderr: 'BROKEN: row 2 is changed. The 1 rows before it hold.' })
      t.match(verify('--from-anchor', '/no/such/file'), { status: 1, stderr: /--from-anchor is <seq>:<hash>/ })
    })
  })
}

t.test('while a server has the embedded database, the commands say so', async (t) => {
  const dataDir = dataFolder(t)
  const database = await openDatabase({ databaseUrl: null, dataDir }, { warn: () => undefined })
  t.teardown(() => database.close())
  for (const [script, args] of [
    ['admin.ts', ['list']],
    ['audit-verify.ts', []],
  ] as const)
    t.match(run(script, [...args], { DATA_DIR: dataDir }), { status: 1, stderr: /Another process uses .*: stop it/ })
})
