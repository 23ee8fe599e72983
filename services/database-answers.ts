import type { DatabaseHandle } from '../repositories/database.ts'
import { createBelief } from './belief.ts'

/** How long an answer of the database is believed, and how long one is waited for. */
const BELIEVED_MS = 1_000
const PATIENCE_MS = 2_000

/** Tells whether the database answers. However often it is asked, the database is asked at most once a second. */
export function createDatabaseAnswers(database: Pick<DatabaseHandle, 'ping'>): () => Promise<boolean> {
  const belief = createBelief(BELIEVED_MS, () => within(PATIENCE_MS, database.ping()))
  return async () => (await belief()) === true
}

/** Whether the work succeeds in time. */
async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(resolve, ms, false)
  try {
    return await Promise.race([
      work.then(
        () => true,
        () => false,
      ),
      late,
    ])
  } finally {
    clearTimeout(timer)
  }
}
