import { ConfigError, loadConfig } from '../config.ts'
import { openDatabase } from '../repositories/database.ts'

// `npm run db:migrate`: applies the pending migrations and says how many there were.
try {
  const config = loadConfig(process.env, { developmentKey: () => 'not needed here' })
  const database = await openDatabase(config, { warn: (_fields, message) => console.error(message) })
  try {
    const pending = await database.pendingMigrations()
    await database.migrate()
    console.log(`${pending} ${pending === 1 ? 'migration' : 'migrations'} applied`)
  } finally {
    await database.close()
  }
} catch (error) {
  // The text of other errors can hold the address of the database, password and all.
  console.error(error instanceof ConfigError ? error.message : `The migration failed: ${reason(error)}`)
  process.exitCode = 1
}

/** The innermost cause, which says what the database said. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause ? reason(error.cause) : error.message.replace(/\w+:\/\/\S+/g, '(address)')
}
