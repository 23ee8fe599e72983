import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import t, { type Test } from 'tap'
import { newRoom, newUser } from '../support/client.ts'
import { DEPLOY, readCompose, serviceOf } from '../support/compose.ts'
import { nginxPorts, startNginx } from '../support/nginx.ts'
import { about, pollCalls } from '../support/poll-app.ts'
import { freePorts } from '../support/ports.ts'
import { startPostgres } from '../support/postgres.ts'
import { startRedis } from '../support/redis.ts'
import { startServer } from '../support/server-process.ts'
import { connect, type TestSocket, ticketFor } from '../support/socket-client.ts'
import { startConsumers } from '../support/vote-processes.ts'

/** What the compose file runs, in processes of this machine: its commands and settings, with other addresses. */
async function up(t: Test) {
  const secrets = mkdtempSync(join(tmpdir(), 'fluentmeet-secrets-'))
  t.teardown(() => rmSync(secrets, { recursive: true, force: true }))
  const made = spawnSync('sh', [join(DEPLOY, 'compose', 'make-secrets.sh'), secrets], { encoding: 'utf8' })
  if (made.status !== 0) throw new Error(made.stderr)
  const secret = (name: string) => readFileSync(join(secrets, name), 'utf8').trim()
  const put = (name: string, text: string) => {
    rmSync(join(secrets, name), { force: true })
    writeFileSync(join(secrets, name), text)
  }

  const front = await nginxPorts()
  const compose = readCompose({ PUBLIC_HOST: new URL(front.url).host })
  const [, ...redisArgs] = serviceOf(compose, 'redis').command ?? []
  const redis = await startRedis(t, {
    settings: redisArgs.map((word) => word.replace('/run/secrets', secrets)),
  })
  put('redis-url', secret('redis-url').replace('redis:6379', `127.0.0.1:${redis.port}`))

  const postgres = await startPostgres(t)
  const { hostname, port } = new URL(postgres.url)
  const { PATH = '' } = process.env
  const created = spawnSync('sh', [join(DEPLOY, 'compose', 'create-database.sh')], {
    env: { PATH, PGHOST: hostname, PGPORT: port, PASSWORD_FILE: join(secrets, 'postgres-password') },
    encoding: 'utf8',
  })
  if (created.status !== 0) throw new Error(created.stderr)
  put('database-url', secret('database-url').replace('postgres:5432', `${hostname}:${port}`))
  put('smtp-url', 'smtp://127.0.0.1:1')

  const ports = await freePorts(2)
  const settingsOf = (name: string) => ({
    ...Object.fromEntries(
      Object.entries(serviceOf(compose, name).environment ?? {}).map(([key, value]) => [
        key,
        String(value ?? '').replace('/run/secrets', secrets),
      ]),
    ),
    // SECRET_KEY_FILE is what counts, and nobody reads mails here.
    ...{ SECRET_KEY: '', REQUIRE_EMAIL_VERIFICATION: 'false', STT_ENGINE: 'none', TTS_ENGINE: 'none' },
    TRUSTED_PROXIES: '127.0.0.1',
  })
  const migrated = spawnSync(process.execPath, serviceOf(compose, 'migrate').command ?? [], {
    cwd: join(DEPLOY, '..'),
    env: { PATH, ...settingsOf('migrate') },
    encoding: 'utf8',
  })
  const servers = await Promise.all(
    ['api-1', 'api-2'].map((name, i) => startServer(t, { ...settingsOf(name), PORT: String(ports[i]) })),
  )
  const [one, two] = servers.map(({ url }) => url) as [string, string]
  const worker = startConsumers(t, 1, settingsOf('worker'))
  const nginx = await startNginx(t, front, [one, two], 'compose')
  return { nginx, redis, migrated, worker, secret, servers }
}

/** Into a meeting, as clients do it: when Redis is too slow for a moment they are told to come again, and do. */
async function enter(t: Test, base: string, code: string, token: string): Promise<TestSocket> {
  for (;;) {
    const socket = await connect(t, base, code, await ticketFor(base, code, token))
    const isIn = await socket.next('welcome').then(
      () => true,
      () => false,
    )
    if (isIn) return socket
  }
}

t.test('what compose runs works together', async (t) => {
  const { nginx, redis, migrated, worker, secret, servers } = await up(t)

  await t.test('the configuration of nginx is valid', async (t) => {
    t.equal(nginx.check.status, 0, nginx.check.text)
  })

  await t.test('the migrations are made by a user who owns one database and no more', async (t) => {
    t.match(migrated.stdout, /migrations applied/)
    const client = new Client({ connectionString: secret('database-url') })
    await client.connect()
    t.teardown(() => client.end())
    await t.rejects(client.query('create role somebody'), /permission denied/)
    await t.rejects(client.query('create database another'), /permission denied/)
  })

  await t.test(
    'Redis lets in nobody without the password, keeps its user from ruling it and writes what it is told',
    async (t) => {
      const stranger = new Redis({ host: '127.0.0.1', port: redis.port, enableReadyCheck: false, retryStrategy: null })
      stranger.on('error', () => undefined)
      t.teardown(() => stranger.disconnect())
      await t.rejects(stranger.get('fm:x'), /NOAUTH/)
      const user = new Redis(secret('redis-url'))
      t.teardown(() => user.disconnect())
      await t.rejects(user.config('SET', 'appendonly', 'no'), /NOPERM/)
      await t.rejects(user.flushall(), /NOPERM/)
      await t.rejects(user.set('elsewhere', '1'), /NOPERM/)
      t.match(await user.info('persistence'), 'aof_enabled:1')
    },
  )

  await t.test('people meet over TLS, and their votes are counted by the worker', async (t) => {
    t.equal((await fetch(nginx.httpUrl, { redirect: 'manual' })).headers.get('location'), `${nginx.url}/`)
    const host = await newUser(nginx.url)
    const code = await newRoom(nginx.url, host.token)
    const socket = await enter(t, nginx.url, code, host.token)
    const polls = pollCalls({ base: nginx.url })
    const { id } = (await polls.ask(code, host.token)).body
    t.equal((await polls.open(id, host.token)).status, 200)
    t.equal((await polls.vote(id, host.token, '1')).status, 202)
    await about(socket, 'poll.updated', id, 1)
    t.equal((await polls.results(id, host.token)).body.results.voter_count, 1)
  })

  await t.test('each ends in order', async (t) => {
    t.strictSame(await worker.stop(), [0])
    for (const server of servers) t.equal(await server.stop(), 0)
  })
})
