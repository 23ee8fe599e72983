import { type Config, ConfigError, loadConfig } from '../../config.ts'
import { requireMigrated } from '../../repositories/database/migrated.ts'
import { type Database, openDatabase } from '../../repositories/database.ts'

/** Told at the terminal as it is, with exit code 1. */
export class ScriptError extends Error {}

/**
 * Runs what an operator asked for on the database of the settings, migrated, and closes it; whatever fails is one sentence at the terminal
 * and exit code 1.
 */
export async function runOnDatabase(work: (db: Database, config: Config) => Promise<void>): Promise<void> {
  try {
    const config = loadConfig(process.env, { developmentKey: () => 'not needed here' })
    const database = await openDatabase(config, { warn: (_fields, message) => console.error(message) })
    try {
      await requireMigrated(config, database)
      await work(database.db, config)
    } finally {
      await database.close()
    }
  } catch (error) {
    const isTold = error instanceof ConfigError || error instanceof ScriptError
    console.error(isTold ? error.message : `This failed: ${reason(error)}`)
    process.exitCode = 1
  }
}

/** The innermost cause, which says what the database said; the text of others can hold its address, password and all. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause ? reason(error.cause) : error.message.replace(/\w+:\/\/\S+/g, '(address)')
}
