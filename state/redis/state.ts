import type { FailuresOptions } from '../memory/failures.ts'
import { createRevocationRegistry } from '../memory/revocations.ts'
import type { Clock, State } from '../state.ts'
import { createConnection, type StateLogger } from './connection.ts'
import { createRedisFailures } from './failures.ts'
import { createRedisLimiter, type OnFailure } from './limiter.ts'
import { createRedisPresence } from './presence.ts'
import { createRedisRevocations } from './revocations.ts'
import { createRedisRoomEvents } from './room-events.ts'
import { createRedisSocketLeases } from './socket-leases.ts'
import { createSubscriber } from './subscriber.ts'
import { createRedisTickets } from './tickets.ts'
import { createRedisUnsaved } from './unsaved.ts'

/** How long a command may take before the process goes on without Redis. */
const BUDGET_MS = 50
/** How long the start waits for Redis. */
const START_MS = 2000

export interface RedisStateOptions {
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
  const connection = createConnection({ url, name: 'commands', logger, budgetMs })
  const subscriber = createSubscriber({ url, logger, budgetMs })
  const onError = (error: unknown) => logger.error({ err: error }, 'a listener of revocations failed')
  const registry = createRevocationRegistry({ ...clock, onError })
  const revocations = createRedisRevocations(connection, subscriber, registry)
  const alone = { connection, onFailure, expectedProcesses, ...clock }

  const isUp = () => connection.isUp() && subscriber.isUp()
  const recovered: (() => void)[] = []
  let wasUp = false
  let isStarting = true

  function onChange(): void {
    const back = isUp() && !wasUp
    wasUp = isUp()
    if (!back || isStarting) return
    void revocations.synchronise()
    for (const listener of recovered) listener()
  }
  connection.onChange(onChange)
  subscriber.onChange(onChange)

  await started([connection, subscriber])
  isStarting = false
  if (isUp()) await revocations.synchronise()
  else logger.warn({ event: 'state', dependency: 'redis' }, 'Redis is down: starting without it')

  return {
    limiter: createRedisLimiter({ ...alone, isRevokedLocally: registry.has }),
    failures: createRedisFailures({ ...alone, ...failures }),
    revocations,
    socketLeases: createRedisSocketLeases(alone),
    presence: createRedisPresence({ connection, ...clock }),
    tickets: createRedisTickets(connection),
    roomEvents: createRedisRoomEvents({ connection, subscriber, ...clock }),
    unsaved: createRedisUnsaved({ connection, ...clock }),
    status: () => (isUp() ? 'up' : 'down'),
    onRecovered: (listener) => void recovered.push(listener),
    async close() {
      await Promise.all([connection.close(), subscriber.close()])
    },
  }
}

interface Startable {
  isUp(): boolean
  onChange(listener: () => void): void
}

/** Resolves when all are up, or when that takes too long. */
function started(parts: readonly Startable[]): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, START_MS)
    const check = () => {
      if (!parts.every((part) => part.isUp())) return
      clearTimeout(timer)
      resolve()
    }
    for (const part of parts) part.onChange(check)
    check()
  })
}
