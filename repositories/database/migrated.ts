import type { Config } from '../../config.ts'
import type { DatabaseHandle } from '../database.ts'

/** Development migrates by itself; elsewhere somebody decides when. */
export async function requireMigrated(
  config: Pick<Config, 'environment'>,
  database: Pick<DatabaseHandle, 'migrate' | 'pendingMigrations'>,
): Promise<void> {
  if (config.environment === 'development') return database.migrate()
  const pending = await database.pendingMigrations()
  if (pending > 0) throw new Error(`The database lacks ${pending} migration(s): run "npm run db:migrate" first.`)
}
