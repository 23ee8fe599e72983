import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { drizzle } from 'drizzle-orm/pglite'
import { migrate } from 'drizzle-orm/pglite/migrator'
import type { Database, Driver } from '../database.ts'
import { lockDirectory } from './lock.ts'
import { translated, translating } from './translate.ts'

/** PostgreSQL inside this process, with its files in `<dataDir>/db`. Throws when another process has them open. */
export async function openEmbedded(dataDir: string): Promise<Driver> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const unlock = await lockDirectory(dataDir)
  try {
    const client = await PGlite.create(join(dataDir, 'db'))
    const database = drizzle(client)
    return {
      db: translating(database as unknown as Database),
      migrate: (migrationsFolder) => translated(migrate(database, { migrationsFolder })),
      connections: () => null,
      async close() {
        await client.close()
        await unlock()
      },
    }
  } catch (error) {
    await unlock()
    throw error
  }
}
