import { REVOCATIONS_KEY } from '../keys.ts'
import type { FailuresOptions } from '../memory/failures.ts'
import { createRevocationRegistry } from '../memory/revocations.ts'
import type { Clock, State } from '../state.ts'
import { createRedisBallots } from './ballots.ts'
import type { StateLogger } from './connection.ts'
import { createRedisDailyUse } from './daily-use.ts'
import { createRedisFailures } from './failures.ts'
import { createKeyspace, type Keyspace } from './keyspace.ts'
import { createRedisLimiter, type OnFailure } from './limiter.ts'
import { createRedisPresence } from './presence.ts'
import { createRedisRevocations } from './revocations.ts'
import { createRedisRoomEvents } from './room-events.ts'
import { createRedisSharedCache } from './shared-cache.ts'
import { createRedisSocketLeases } from './socket-leases.ts'
import { createRedisTickets } from './tickets.ts'
import { createRedisUnsaved } from './unsaved.ts'
import { createRedisVoteQueue } from './vote-queue.ts'

/** How long a command may take before the process goes on without Redis. */
const BUDGET_MS = 50
/** How long the start waits for Redis. */
const START_MS = 2000

export interface RedisStateOptions {
  /** `redis://` or `rediss://` with one server or several of one cluster (address.ts). */
  url: string
  logger: StateLogger
  limiter: { onFailure: OnFailure; expectedProcesses: number }
  failures: FailuresOptions
  budgetMs?: number
  /** For tests: in place of Redis's clock. */
  now?: Clock
}

/**
 * The state that processes share through Redis. Resolves also when Redis is down: then the process starts degraded, and recovers by
 * itself.
 */
export async function createRedisState(options: RedisStateOptions): Promise<State> {
  const { url, logger, failures, budgetMs = BUDGET_MS } = options
  const { onFailure, expectedProcesses } = options.limiter
  const clock = options.now ? { now: options.now } : {}
  const keyspace = createKeyspace({ url, logger, budgetMs })
  const onError = (error: unknown) => logger.error({ err: error }, 'a listener of revocations failed')
  const registry = createRevocationRegistry({ ...clock, onError })
  const revocations = createRedisRevocations(keyspace, registry)
  const alone = { keyspace, onFailure, expectedProcesses, ...clock }

  const { isUp } = keyspace
  const recovered: (() => void)[] = []
  let isStarting = true

  function onRecovered(): void {
    if (isStarting || !isUp()) return
    void revocations.synchronise()
    for (const listener of recovered) listener()
  }
  keyspace.onChange(onRecovered)
  keyspace.onMoved(onRecovered)

  await started(keyspace)
  isStarting = false
  if (isUp()) await revocations.synchronise()
  else logger.warn({ event: 'state', dependency: 'redis' }, 'Redis is down: starting without it')

  return {
    limiter: createRedisLimiter({ ...alone, isRevokedLocally: registry.has }),
    failures: createRedisFailures({ ...alone, ...failures }),
    revocations,
    socketLeases: createRedisSocketLeases(alone),
    presence: createRedisPresence({ keyspace, ...clock }),
    tickets: createRedisTickets(keyspace),
    roomEvents: createRedisRoomEvents({ keyspace, ...clock }),
    unsaved: createRedisUnsaved({ keyspace, ...clock }),
    dailyUse: createRedisDailyUse(alone),
    sharedCache: createRedisSharedCache(keyspace),
    ballots: createRedisBallots({ keyspace }),
    voteQueue: createRedisVoteQueue({ keyspace }),
    status: () => (isUp() ? 'up' : 'down'),
    async roundTripMs() {
      const started = performance.now()
      const answered = await keyspace.run(REVOCATIONS_KEY, (redis) => redis.ping()).catch(() => null)
      return answered === null ? null : performance.now() - started
    },
    onRecovered: (listener) => void recovered.push(listener),
    async close() {
      keyspace.close()
    },
  }
}

/** Resolves when Redis is up, or when that takes too long. */
function started({ isUp, onChange }: Pick<Keyspace, 'isUp' | 'onChange'>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, START_MS)
    const check = () => {
      if (!isUp()) return
      clearTimeout(timer)
      resolve()
    }
    onChange(check)
    check()
  })
}
