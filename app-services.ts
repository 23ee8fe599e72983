import { join } from 'node:path'
import type { Config } from './config.ts'
import type { createLogger } from './logger.ts'
import { createApertium } from './pipeline/apertium/apertium.ts'
import type { Translator } from './pipeline/translator.ts'
import { type DatabaseHandle, openDatabase } from './repositories/database.ts'
import { createParticipantsRepository } from './repositories/participants.ts'
import { createRoomsRepository } from './repositories/rooms.ts'
import { createHealth } from './services/health.ts'
import { createMeetings } from './services/meetings.ts'
import { createTokens } from './services/tokens.ts'
import { createTranslation } from './services/translation.ts'
import { createMemoryState } from './state/memory/state.ts'
import { createRedisState } from './state/redis/state.ts'
import type { State } from './state/state.ts'

export interface ServiceOverrides {
  state: State
  database: DatabaseHandle
  /** Null: no engine. */
  translator: Translator | null
  now: () => Date
}

export type AppServices = Awaited<ReturnType<typeof openServices>>

/** Opens the database, the shared state and the engines, and builds the services on them. What was given stays open at `close`. */
export async function openServices(
  config: Config,
  log: ReturnType<typeof createLogger>,
  overrides: Partial<ServiceOverrides>,
) {
  const now = overrides.now ?? (() => new Date())
  const closers: (() => Promise<void>)[] = []
  /** Last opened, first closed; one that fails keeps none of the others open. */
  async function close(): Promise<void> {
    for (const closer of closers.splice(0).reverse())
      await closer().catch((err: unknown) => log.error({ err }, 'could not close a dependency'))
  }

  try {
    const database = overrides.database ?? (await openDatabase(config, log))
    if (!overrides.database) closers.push(() => database.close())
    await requireMigrated(config, database)
    const state = overrides.state ?? (await openState(config, log))
    if (!overrides.state) closers.push(() => state.close())
    const translator = overrides.translator === undefined ? createApertium({ log }) : overrides.translator
    const translation = createTranslation({ translator, log })
    closers.push(() => translation.close())

    const tokens = createTokens(config)
    const rooms = createRoomsRepository(database.db)
    const participants = createParticipantsRepository(database.db)
    const meetings = createMeetings({
      database: database.db,
      rooms,
      participants,
      state,
      tokens,
      profileOf: async () => null,
      publicUrl: config.publicUrl,
      now,
    })
    const health = createHealth({ database, state, translation })
    return {
      database,
      state,
      tokens,
      meetings,
      translation,
      health,
      now,
      outboxFolder: join(config.dataDir, 'outbox'),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function openState(config: Config, log: ReturnType<typeof createLogger>): Promise<State> | State {
  return config.redisUrl
    ? createRedisState({ url: config.redisUrl, config, log })
    : createMemoryState({ failures: { max: config.lockoutFailures, windowMs: config.lockoutSeconds * 1000 } })
}

/** Development migrates by itself; elsewhere somebody decides when. */
async function requireMigrated(config: Config, database: DatabaseHandle): Promise<void> {
  if (config.environment === 'development') return database.migrate()
  const pending = await database.pendingMigrations()
  if (pending > 0) throw new Error(`The database lacks ${pending} migration(s): run "npm run db:migrate" first.`)
}
