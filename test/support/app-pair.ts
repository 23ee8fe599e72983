import type { Test } from 'tap'
import type { Overrides } from '../../app.ts'
import type { Config } from '../../config.ts'
import { send } from './client.ts'
import { listen, type MeetingApp } from './meeting-app.ts'
import { createDatabase, startPostgres } from './postgres.ts'
import { startRedis } from './redis.ts'
import { openRedisState } from './states.ts'

/** Two processes' worth of apps on one real Redis and one real PostgreSQL, patient with a loaded machine. */
export async function openPair(
  t: Test,
  config: Partial<Config> = {},
  [first, second]: readonly Partial<Overrides>[] = [],
) {
  const redis = await startRedis(t)
  const shared = process.env.TEST_DATABASE_URL
  const databaseUrl = shared ? await createDatabase(shared) : await (await startPostgres(t)).createDatabase()
  const settings = { ...config, redisUrl: redis.url, databaseUrl }
  const open = async (overrides: Partial<Overrides> = {}) =>
    listen(t, settings, { state: await openRedisState(t, redis.url), ...overrides })
  const one = await open(first)
  return { redis, one, two: await open(second) }
}

/** What a host does to a room at `app`; the status of the answer. */
export function hostCalls(app: MeetingApp, code: string, token: string) {
  const path = `/api/v1/meetings/${code}`
  const call = async (method: string, to: string, body?: unknown) =>
    (await send(app.base, method, `${path}${to}`, { token, ...(body === undefined ? {} : { body }) })).status
  return {
    configure: (settings: object) => call('PATCH', '/config', settings),
    admit: (id: string) => call('POST', `/admit/${id}`),
    admitAll: () => call('POST', '/admit-all'),
    reject: (id: string) => call('POST', `/reject/${id}`),
    kick: (id: string) => call('POST', `/kick/${id}`),
    role: (id: string, role: string) => call('PATCH', `/participants/${id}`, { role }),
    end: () => call('POST', '/end'),
  }
}
