import type { Test } from 'tap'
import { createDatabase, startPostgres } from './postgres.ts'
import { startRedis } from './redis.ts'

export interface Addresses {
  redisUrl: string | null
  databaseUrl: string | null
}

export interface Backend {
  name: 'embedded' | 'distributed'
  /** Gives the test empty stores of its own, gone when it ends. */
  open(t: Test): Promise<Addresses>
}

/** A new database: on the server that the whole run shares, or on one of the test's own. */
async function openDatabase(t: Test): Promise<string> {
  const shared = process.env.TEST_DATABASE_URL
  return shared ? createDatabase(shared) : (await startPostgres(t)).createDatabase()
}

/**
 * What every behaviour is tested on: all in one process, and a real Redis with a real PostgreSQL. Redis is always the
 * test's own, for its channels know no logical databases.
 */
export const backends: readonly Backend[] = [
  { name: 'embedded', open: async () => ({ redisUrl: null, databaseUrl: null }) },
  {
    name: 'distributed',
    async open(t) {
      const [redis, databaseUrl] = await Promise.all([startRedis(t), openDatabase(t)])
      return { redisUrl: redis.url, databaseUrl }
    },
  },
]
