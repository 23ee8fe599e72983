import { Redis, ReplyError } from 'ioredis'
import { StateUnavailableError } from '../state.ts'
import { within } from './deadline.ts'
import { scripts } from './script.ts'
import { redirectionOf } from './slots.ts'

/** The part of a pino logger that the state uses. */
export interface StateLogger {
  info(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

export interface ConnectionOptions {
  url: string
  /** For the log: `commands`, `subscriptions`. */
  name: string
  logger: StateLogger
  /** How long a command may take, milliseconds. */
  budgetMs: number
  /** What must be done on a new connection before it counts as up. */
  prepare?: (redis: Redis) => Promise<unknown>
  /** Asked every second: what it throws means that the server is of no use. Default: PING. */
  check?: (redis: Redis) => Promise<unknown>
}

/** A connection to one server. */
export interface Connection {
  readonly redis: Redis
  isUp(): boolean
  /** Runs commands within the budget. Throws StateUnavailableError: at once while Redis is down, or when it fails. */
  run<T>(command: (redis: Redis) => Promise<T>, budgetMs?: number): Promise<T>
  onChange(listener: (isUp: boolean) => void): void
  close(): void
}

const RECONNECT_STEP_MS = 50
const RECONNECT_MAX_MS = 500
const HEARTBEAT_MS = 1000
/** A connection that has been silent this long is given up for a new one. */
const SILENT_MS = 3000

/**
 * A connection to Redis that knows whether Redis answers. After a command that got no answer, or a lost connection, it counts as down:
 * commands fail at once, and none waits in a queue; a probe, or the next connection, brings it up again.
 */
export function createConnection(options: ConnectionOptions): Connection {
  const { url, name, logger, budgetMs, prepare, check = (redis) => redis.ping() } = options
  const redis = new Redis(url, {
    scripts,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    connectTimeout: 2000,
    retryStrategy: (times) => Math.min(times * RECONNECT_STEP_MS, RECONNECT_MAX_MS),
    // A failover leaves us on a replica: the next connection finds the new primary.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  })
  const listeners: ((isUp: boolean) => void)[] = []
  let up = false
  let closed = false
  let prepared = false
  let reviving = false
  let complained = false
  /** When it was last heard of, or given up. */
  let heardAt = performance.now()
  let refusedAt = Number.NEGATIVE_INFINITY

  function change(next: boolean, reason: string): void {
    if (up === next || closed) return
    up = next
    heardAt = performance.now()
    complained = false
    const details = { event: 'state', dependency: 'redis', connection: name, reason }
    if (up) logger.info(details, 'Redis answers')
    else logger.warn(details, 'Redis does not answer')
    for (const listener of listeners) listener(up)
  }

  /** Brings it up. No deadline: it is answered as soon as Redis answers again, or fails with the connection. */
  async function revive(): Promise<void> {
    if (reviving || closed) return
    reviving = true
    try {
      if (prepared) await check(redis)
      else await prepare?.(redis)
      prepared = redis.status === 'ready'
      if (prepared) change(true, 'answered')
    } catch (error) {
      if (redis.status === 'ready') complain(error)
    } finally {
      reviving = false
    }
  }

  // Redis answers, but is of no use yet: said once.
  function complain(error: unknown): void {
    heardAt = performance.now()
    if (complained || closed) return
    complained = true
    logger.warn({ err: error, connection: name }, 'Redis connection could not be prepared')
  }

  async function run<T>(command: (redis: Redis) => Promise<T>, budget = budgetMs): Promise<T> {
    if (!up) throw new StateUnavailableError('Redis is down')
    try {
      gather(redis)
      return await within(command(redis), budget)
    } catch (cause) {
      if (cause instanceof ReplyError && !(cause as Error).message.startsWith('CLUSTERDOWN')) {
        if (!redirectionOf(cause, redis)) reportRefusal(cause as Error)
      } else if (up) {
        change(false, cause instanceof Error ? cause.message : 'unknown')
        void revive()
      }
      throw new StateUnavailableError('Redis failed', { cause })
    }
  }

  // Redis answers, but not as it should (out of memory, read only): said once a second at most.
  function reportRefusal(error: Error): void {
    const now = performance.now()
    if (now - refusedAt < 1000) return
    refusedAt = now
    logger.error({ err: error, connection: name }, 'Redis refused a command')
  }

  redis.on('ready', () => void revive())
  redis.on('close', () => {
    prepared = false
    change(false, 'connection closed')
  })
  // Its consequences are handled where they show; without a listener the library prints it.
  redis.on('error', () => undefined)

  const heartbeat = setInterval(() => {
    if (up) run(check).catch(() => undefined)
    else if (performance.now() - heardAt > SILENT_MS && ['connect', 'ready'].includes(redis.status)) {
      heardAt = performance.now()
      redis.disconnect(true)
    } else if (redis.status === 'ready') void revive()
  }, HEARTBEAT_MS)
  heartbeat.unref()

  return {
    redis,
    isUp: () => up,
    run,
    onChange: (listener) => void listeners.push(listener),
    close() {
      closed = true
      up = false
      clearInterval(heartbeat)
      redis.disconnect()
    },
  }
}

/** What is sent within one turn of the event loop is written at once. The library's own pipelines are made anew, with every script, each time. */
function gather({ stream }: Redis): void {
  if (stream.writableCorked > 0) return
  stream.cork()
  process.nextTick(() => stream.uncork())
}
