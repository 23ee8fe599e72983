import type { Test } from 'tap'
import { type DatabaseHandle, openDatabase } from '../../repositories/database.ts'
import { dataFolder } from './data-folder.ts'

/** An embedded database with every migration, for apps that do not migrate by themselves. */
export async function migratedDatabase(t: Test): Promise<DatabaseHandle> {
  const database = await openDatabase({ databaseUrl: null, dataDir: dataFolder(t) }, { warn: () => undefined })
  t.teardown(() => database.close())
  await database.migrate()
  return database
}
