import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openDatabase } from '../repositories/database.ts'
import { createTokens } from '../services/tokens.ts'
import { startPostgres } from '../test/support/postgres.ts'
import { startRedis } from '../test/support/redis.ts'
import { quantile } from './machine.ts'
import { writePage } from './page.ts'

/** What every comparison stands on: a real Redis, a real and migrated PostgreSQL, a key that tokens are signed with. */
export async function openStand() {
  const ends: (() => Promise<void> | void)[] = []
  const cleanup = { teardown: (end: () => Promise<void> | void) => void ends.push(end) }
  const [redis, postgres] = await Promise.all([startRedis(cleanup), startPostgres(cleanup)])
  const databaseUrl = await postgres.createDatabase()
  const database = await openDatabase({ databaseUrl, dataDir: '' }, { warn: console.error })
  ends.push(() => database.close())
  await database.migrate()
  const secret = randomBytes(48).toString('base64url')
  return {
    redisUrl: redis.url,
    databaseUrl,
    db: database.db,
    secret,
    tokens: createTokens({ secretKey: secret, secretKeyPrevious: null, accessTokenTtlSeconds: 6 * 3600 }),
    /** Done at the end, last first. */
    atEnd: (end: () => Promise<void> | void) => void ends.push(end),
    async close() {
      for (const end of ends.reverse()) await end()
    },
  }
}

/** The median of some figures, with the lowest and the highest. */
export function spread(values: readonly number[]) {
  const at = (share: number) => Math.round(quantile(values, share) * 100) / 100
  return { median: at(0.5), lowest: at(0), highest: at(1) }
}

export type Spread = ReturnType<typeof spread>

/** Writes `bench/results/NAME.json` and prints it, and makes the page anew. */
export function report(name: string, results: object): void {
  const folder = join(import.meta.dirname, 'results')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(results, null, 2)}\n`)
  console.log(JSON.stringify(results, null, 2))
  writePage()
}
