import type { DatabaseHandle } from '../repositories/database.ts'
import type { Health } from '../schemas/health.ts'
import type { State } from '../state/state.ts'
import type { Translation } from './translation.ts'
import type { VoteBacklog } from './votes/backlog.ts'

export interface HealthDeps {
  database: Pick<DatabaseHandle, 'ping' | 'pendingMigrations'>
  state: Pick<State, 'status'>
  translation: Pick<Translation, 'languages'>
  voteBacklog: Pick<VoteBacklog, 'status'>
}

/** How long an answer of the database is believed, and how long one is waited for. */
const BELIEVED_MS = 1_000
const PATIENCE_MS = 2_000

export type HealthService = ReturnType<typeof createHealth>

/** What stands and what does not. However often it is asked, the database is asked at most once a second. */
export function createHealth({ database, state, translation, voteBacklog }: HealthDeps) {
  let migrated = false
  let draining = false
  let asked: { at: number; answer: Promise<boolean> } | null = null

  function databaseAnswers(): Promise<boolean> {
    const now = performance.now()
    if (!asked || now - asked.at > BELIEVED_MS) asked = { at: now, answer: within(PATIENCE_MS, database.ping()) }
    return asked.answer
  }

  async function isMigrated(): Promise<boolean> {
    migrated ||= (await database.pendingMigrations().catch(() => 1)) === 0
    return migrated
  }

  return {
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
