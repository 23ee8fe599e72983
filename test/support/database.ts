import type { Test } from 'tap'
import { type DatabaseHandle, openDatabase } from '../../repositories/database.ts'

/** An embedded database with every migration, for apps that do not migrate by themselves. */
export async function migratedDatabase(t: Test): Promise<DatabaseHandle> {
  const database = await openDatabase({ databaseUrl: null, dataDir: t.testdir() }, { warn: () => undefined })
  t.teardown(() => database.close())
  await database.migrate()
  return database
}
