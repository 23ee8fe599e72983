import { Registry } from 'prom-client'
import { openDatabase } from '../repositories/database.ts'
import { runProcess } from '../run-process.ts'
import { createDatabaseAnswers } from '../services/database-answers.ts'
import { createDependencyMetrics } from '../services/metrics/dependencies.ts'
import { createProcessMetrics } from '../services/metrics/process.ts'
import { createCountSignals } from '../services/polls/signals.ts'
import { createRedisState } from '../state/redis/state.ts'
import { openVotes } from '../workers/open-votes.ts'

// `npm run worker:votes`: counts votes in a process of its own, beside servers with VOTE_CONSUMER=off, or with their own consumers.

await runProcess({
  name: 'The vote worker',
  traced: false,
  async open(config, log) {
    const { redisUrl: url, databaseUrl } = config
    if (!url || !databaseUrl) throw new Error('REDIS_URL and DATABASE_URL are required')
    const database = await openDatabase(config, log)
    const limiter = { onFailure: config.rateLimitOnRedisFailure, expectedProcesses: config.expectedProcesses }
    const failures = { max: config.lockoutFailures, windowMs: config.lockoutSeconds * 1000 }
    const state = await createRedisState({ url, logger: log, limiter, failures })
    const registry = new Registry()
    const processMetrics = createProcessMetrics(registry)
    const databaseAnswers = createDatabaseAnswers(database)
    createDependencyMetrics({ registry, state, database, databaseAnswers, now: () => new Date() })
    const { voteWorker, polls } = openVotes({ db: database.db, state, registry, log })
    voteWorker.onCounted(createCountSignals({ polls, roomEvents: state.roomEvents, log }))
    return {
      metrics: { registry },
      begin() {
        voteWorker.start()
        console.log(`FluentMeet counts votes as ${voteWorker.consumer}`)
      },
      async close() {
        await voteWorker.close()
        await state.close()
        await database.close()
        processMetrics.close()
      },
    }
  },
})
