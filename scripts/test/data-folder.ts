import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { openDatabase } from '../../repositories/database.ts'

/**
 * A data folder with an embedded database that was initialised and never used, for tests to copy. It is kept in
 * `node_modules`, so that it goes when the database's version changes. Made in `scratch` first: several runs may begin at once.
 */
export async function initialisedDataFolder(root: string, scratch: string): Promise<string> {
  const kept = join(root, 'node_modules', '.cache', 'fluentmeet', 'data')
  if (existsSync(kept)) return kept
  const made = join(scratch, 'data')
  await (await openDatabase({ databaseUrl: null, dataDir: made }, console)).close()
  mkdirSync(dirname(kept), { recursive: true })
  try {
    renameSync(made, kept)
    return kept
  } catch {
    // Another run was faster, or it is another file system: this run's own will do.
    return made
  }
}
