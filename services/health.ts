import type { DatabaseHandle } from '../repositories/database.ts'
import type { Health } from '../schemas/health.ts'
import type { State } from '../state/state.ts'
import { createDatabaseAnswers } from './database-answers.ts'
import type { Translation } from './translation.ts'
import type { VoteBacklog } from './votes/backlog.ts'

export interface HealthDeps {
  database: Pick<DatabaseHandle, 'ping' | 'pendingMigrations'>
  state: Pick<State, 'status'>
  translation: Pick<Translation, 'languages'>
  voteBacklog: Pick<VoteBacklog, 'status'>
}

export type HealthService = ReturnType<typeof createHealth>

/** What stands and what does not. However often it is asked, the database is asked at most once a second. */
export function createHealth({ database, state, translation, voteBacklog }: HealthDeps) {
  let migrated = false
  let draining = false
  const databaseAnswers = createDatabaseAnswers(database)

  async function isMigrated(): Promise<boolean> {
    migrated ||= (await database.pendingMigrations().catch(() => 1)) === 0
    return migrated
  }

  return {
    databaseAnswers,

    /** From now on the process is not ready: it is shutting down. */
    drain(): void {
      draining = true
    },

    /** Whether new work may be sent here. */
    async ready(): Promise<boolean> {
      return !draining && (await databaseAnswers()) && (await isMigrated()) && !draining
    },

    async report(): Promise<Health> {
      const [up, votes] = await Promise.all([databaseAnswers(), voteBacklog.status()])
      const redis = state.status()
      const translates = translation.languages().translation.pairs.length > 0
      return {
        status: up && redis !== 'down' && translates && votes === 'up' ? 'ok' : 'degraded',
        dependencies: {
          database: { status: up ? 'up' : 'down' },
          redis: { status: redis },
          translation: { status: translates ? 'up' : 'down' },
          votes: { status: votes },
        },
      }
    },
  }
}
