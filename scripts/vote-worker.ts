import closeWithGrace from 'close-with-grace'
import pino from 'pino'
import { Registry } from 'prom-client'
import { ConfigError, loadConfig } from '../config.ts'
import { createLogger } from '../logger.ts'
import { openDatabase } from '../repositories/database.ts'
import { createCountSignals } from '../services/polls/signals.ts'
import { createRedisState } from '../state/redis/state.ts'
import { openVotes } from '../workers/open-votes.ts'

// `npm run worker:votes`: counts votes in a process of its own, beside servers with VOTE_CONSUMER=off, or with their own consumers.

const SHUTDOWN_MS = 15_000

const config = readConfig()
const destination = pino.destination({ dest: 1, sync: false, minLength: 16_000, periodicFlush: 250 })
const log = createLogger(config, destination)
process.once('exit', () => flush())

try {
  const { redisUrl: url, databaseUrl } = config
  if (!url || !databaseUrl) throw new Error('REDIS_URL and DATABASE_URL are required')
  const database = await openDatabase(config, log)
  const limiter = { onFailure: config.rateLimitOnRedisFailure, expectedProcesses: config.expectedProcesses }
  const failures = { max: config.lockoutFailures, windowMs: config.lockoutSeconds * 1000 }
  const state = await createRedisState({ url, logger: log, limiter, failures })
  const { voteWorker, polls } = openVotes({ db: database.db, state, registry: new Registry(), log })
  voteWorker.onCounted(createCountSignals({ polls, roomEvents: state.roomEvents, log }))
  closeWithGrace(
    { delay: SHUTDOWN_MS, logger: { error: (message: unknown) => log.error({ err: message }, 'shutdown') } },
    async ({ signal, err }) => {
      if (err) log.fatal({ err }, 'the process failed')
      else log.info({ signal }, 'shutting down')
      await voteWorker.close()
      await state.close()
      await database.close()
      log.info('closed')
    },
  )
  voteWorker.start()
  console.log(`FluentMeet counts votes as ${voteWorker.consumer}`)
} catch (error) {
  log.fatal({ err: error }, 'the vote worker could not start')
  flush()
  console.error(`The vote worker could not start: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
}

function readConfig() {
  try {
    return loadConfig(process.env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    console.error(error.message)
    process.exit(1)
  }
}

/** Writes what is still buffered; a destination that never opened has nothing. */
function flush(): void {
  try {
    destination.flushSync()
  } catch {}
}
