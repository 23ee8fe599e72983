import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import type { Config } from '../config.ts'
import { openEmbedded } from './database/embedded.ts'
import { openPostgres } from './database/postgres.ts'

export { DatabaseUnavailableError } from './database/errors.ts'

/**
 * Drizzle over PostgreSQL or over the embedded PGlite: the same query API, the same SQL. It is not told of the tables, which it would
 * look through for relations with each transaction: queries name theirs.
 */
export type Database = PgDatabase<PgQueryResultHKT>
export type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0]

/** What the database tells: a subset of pino's logger. */
export interface DatabaseLog {
  warn(fields: object, message: string): void
}

/** The connections of a pool, and how many wait for one. */
export interface PoolLoad {
  readonly total: number
  readonly idle: number
  readonly waiting: number
}

/** An open driver: what differs between PostgreSQL and PGlite. */
export interface Driver {
  readonly db: Database
  /** Applies the migrations of a folder; safe when two processes start at once. */
  migrate(migrationsFolder: string): Promise<void>
  connections(): PoolLoad | null
  close(): Promise<void>
}

export interface DatabaseHandle {
  readonly db: Database
  /** Asks the database something trivial. Throws DatabaseUnavailableError. */
  ping(): Promise<void>
  /** Null where there is no pool. */
  connections(): PoolLoad | null
  /** Waits for what runs and lets go of every connection and file. May be called twice. */
  close(): Promise<void>
  /** Applies what is pending. */
  migrate(): Promise<void>
  /** How many migrations are not applied yet. */
  pendingMigrations(): Promise<number>
}

export const MIGRATIONS_FOLDER = join(import.meta.dirname, '..', 'migrations')

/**
 * Opens PostgreSQL at `databaseUrl` (lazily: nothing is asked of it yet), or PGlite in `<dataDir>/db` when there is none.
 * Connection failures of every query and transaction surface as DatabaseUnavailableError.
 */
export async function openDatabase(
  config: Pick<Config, 'databaseUrl' | 'dataDir'>,
  log: DatabaseLog,
): Promise<DatabaseHandle> {
  const driver = config.databaseUrl ? openPostgres(config.databaseUrl, log) : await openEmbedded(config.dataDir)
  let closing: Promise<void> | undefined

  return {
    db: driver.db,
    connections: () => driver.connections(),
    async ping() {
      await driver.db.execute(sql`select 1`)
    },
    close() {
      closing ??= driver.close()
      return closing
    },
    migrate: () => driver.migrate(MIGRATIONS_FOLDER),
    async pendingMigrations() {
      const applied = await lastApplied(driver.db)
      return readMigrationFiles({ migrationsFolder: MIGRATIONS_FOLDER }).filter(
        ({ folderMillis }) => folderMillis > applied,
      ).length
    },
  }
}

/** The time stamp of the newest applied migration; -Infinity before the first. */
async function lastApplied(db: Database): Promise<number> {
  const journal = await rows(db, sql`select to_regclass('drizzle.__drizzle_migrations')::text as name`)
  if (!journal[0]?.name) return Number.NEGATIVE_INFINITY
  const newest = await rows(db, sql`select max(created_at)::text as newest from drizzle.__drizzle_migrations`)
  const value = newest[0]?.newest
  return value ? Number(value) : Number.NEGATIVE_INFINITY
}

/** Both drivers answer raw SQL with an object that has `rows`. */
async function rows(db: Database, query: ReturnType<typeof sql>): Promise<Record<string, unknown>[]> {
  const result = (await db.execute(query)) as unknown as { rows: Record<string, unknown>[] }
  return result.rows
}
