import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import type { Database, DatabaseLog, Driver } from '../database.ts'
import { translated, translating } from './translate.ts'

const CONNECTIONS = 10
const CONNECT_TIMEOUT_MS = 2000
const STATEMENT_TIMEOUT_MS = 5000
/** Any number, the same in every process: whoever holds it migrates. */
const MIGRATION_LOCK = 7_301_442

/** A pool of connections. A PostgreSQL that dies costs the queries it was running, never the process. */
export function openPostgres(url: string, log: DatabaseLog): Driver {
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    // The server cannot end a statement when it hangs itself: then the client gives up.
    query_timeout: STATEMENT_TIMEOUT_MS + 1000,
    idle_in_transaction_session_timeout: 2 * STATEMENT_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'fluentmeet',
  })
  // Without a listener a broken connection would be an uncaught exception: the pool's are idle ones, a client's are in use.
  pool.on('error', (error) => log.warn({ err: error }, 'a database connection was lost'))
  pool.on('connect', (client) => client.on('error', () => undefined))

  const database = drizzle(pool) as unknown as Database
  // Drizzle's own never gives a connection back when its `begin` fails.
  database.transaction = async (work, options) => {
    const client = await pool.connect()
    let failure: unknown
    try {
      return await (drizzle(client) as unknown as Database).transaction(work, options)
    } catch (error) {
      failure = error
      throw error
    } finally {
      client.release(failure !== undefined && !isClean(client))
    }
  }

  return {
    db: translating(database),
    migrate: (migrationsFolder) => translated(migrateAlone(url, migrationsFolder)),
    connections: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    close: () => pool.end(),
  }
}

/** Migrates on a connection of its own, without the timeouts of requests, while every other process that starts waits. */
async function migrateAlone(url: string, migrationsFolder: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS })
  client.on('error', () => undefined)
  await client.connect()
  try {
    await client.query(`select pg_advisory_lock(${MIGRATION_LOCK})`)
    await migrate(drizzle(client), { migrationsFolder })
  } finally {
    // Gives the lock back too.
    await client.end()
  }
}

/** Whether the connection is out of any transaction, so that it can be used again. */
function isClean(client: pg.PoolClient): boolean {
  return client.getTransactionStatus() === 'I'
}
