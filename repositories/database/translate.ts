import type { Database } from '../database.ts'
import { translateError } from './errors.ts'

interface Prepared {
  execute(...values: unknown[]): Promise<unknown>
  all?(...values: unknown[]): Promise<unknown>
}
interface Session {
  prepareQuery(...query: unknown[]): Prepared
}

/** The one place where drivers' errors are translated: every query outside a transaction, and every transaction as a whole. */
export function translating(db: Database): Database {
  // Every builder and every raw query of Drizzle goes through its session's prepareQuery.
  const session = Reflect.get(db, 'session') as Session
  const prepareQuery = session.prepareQuery.bind(session)
  session.prepareQuery = (...query) => {
    const prepared = prepareQuery(...query)
    for (const name of ['execute', 'all'] as const) {
      const run = prepared[name]?.bind(prepared)
      if (run) prepared[name] = (...values) => translated(run(...values))
    }
    return prepared
  }
  const transaction = db.transaction.bind(db)
  db.transaction = (work, options) => translated(transaction(work, options))
  return db
}

/** The same promise, with its error translated. */
export async function translated<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise
  } catch (error) {
    throw translateError(error)
  }
}
