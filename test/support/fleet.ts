import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Test } from 'tap'
import { type Nginx, nginxPorts, startNginx } from './nginx.ts'
import { freePort } from './ports.ts'
import { createDatabase, startPostgres } from './postgres.ts'
import { startRedis } from './redis.ts'
import { type ServerProcess, startServer } from './server-process.ts'

export interface Fleet {
  readonly nginx: Nginx
  /** Two, in this order; a restarted one takes its place. */
  readonly servers: ServerProcess[]
  /** Starts a process again that has ended, on its port. */
  restart(index: number): Promise<void>
}

/** Two server processes as in production, on one Redis and one PostgreSQL, behind nginx with the shipped configuration. */
export async function startFleet(t: Test, settings: Record<string, string> = {}): Promise<Fleet> {
  const shared = process.env.TEST_DATABASE_URL
  const databaseUrl = shared ? await createDatabase(shared) : await (await startPostgres(t)).createDatabase()
  const redis = await startRedis(t)
  const front = await nginxPorts()
  const ports = [await freePort(), await freePort()] as const
  const environment = {
    ENVIRONMENT: 'staging',
    PUBLIC_URL: front.url,
    ALLOWED_ORIGINS: front.url,
    TRUSTED_PROXIES: '127.0.0.1',
    FORCE_HTTPS: 'true',
    DATABASE_URL: databaseUrl,
    REDIS_URL: redis.url,
    SECRET_KEY: randomBytes(48).toString('base64url'),
    REQUIRE_EMAIL_VERIFICATION: 'false',
    EXPECTED_PROCESSES: '2',
    RATE_LIMIT_AUTH_PER_MINUTE: '1000',
    RATE_LIMIT_DEFAULT_PER_MINUTE: '10000',
    ...settings,
  }
  const { PATH = '', HOME = '' } = process.env
  const migrated = spawnSync(process.execPath, ['scripts/migrate.ts'], {
    cwd: join(import.meta.dirname, '..', '..'),
    env: { PATH, HOME, ...environment },
    encoding: 'utf8',
  })
  if (migrated.status !== 0) throw new Error(migrated.stderr)
  const start = (index: number) => startServer(t, { ...environment, PORT: String(ports[index]) })
  const servers = await Promise.all([start(0), start(1)])
  const [one, two] = servers as [ServerProcess, ServerProcess]
  return {
    nginx: await startNginx(t, front, [one.url, two.url]),
    servers,
    async restart(index) {
      servers[index] = await start(index)
    },
  }
}
