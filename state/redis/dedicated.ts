import { setTimeout as sleep } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { StateUnavailableError } from '../state.ts'
import { type Connection, createConnection, type StateLogger } from './connection.ts'
import { redirectionOf } from './slots.ts'
import type { Topology } from './topology.ts'

/** A connection of its own to the server that holds a key, for commands that wait there: others would wait behind them. */
export interface Dedicated {
  /**
   * Runs one command at a time; the signal ends its wait as if nothing had come. Throws StateUnavailableError: soon while the server is
   * down, or when it has just changed.
   */
  run<T>(command: (redis: Redis) => Promise<T>, budgetMs: number, signal?: AbortSignal): Promise<T>
  close(): void
}

const CHECK_BUDGET_MS = 1000
/** How long a command waits for a connection that is not there yet. */
const CONNECT_MS = 1000
const PAUSE_MS = 10

export interface DedicatedOptions {
  key: string
  topology: Pick<Topology, 'ownerOf' | 'moved'>
  urlOf: (server: string) => string
  logger: StateLogger
  /** Runs a command beside the one that waits. */
  beside: <T>(command: (redis: Redis) => Promise<T>) => Promise<T>
}

export function createDedicated({ key, topology, urlOf, logger, beside }: DedicatedOptions): Dedicated {
  let current: { server: string; connection: Connection; id: number } | null = null
  let isWaiting = false
  let closed = false

  /** Follows the key. */
  function connect(): { connection: Connection; id: number } {
    const server = topology.ownerOf(key)?.server
    if (server === undefined || closed) throw new StateUnavailableError('no server is known for the key')
    if (current?.server === server) return current
    current?.connection.close()
    const made = {
      server,
      id: 0,
      connection: createConnection({
        ...{ url: urlOf(server), name: 'waiting', logger, budgetMs: CHECK_BUDGET_MS },
        prepare: async (redis) => {
          made.id = await redis.client('ID')
        },
        // Behind a command that waits it would not be answered: then that command's own budget tells.
        check: async (redis) => (isWaiting ? undefined : redis.ping()),
      }),
    }
    current = made
    return made
  }

  return {
    async run(command, budgetMs, signal) {
      const own = connect()
      const { connection } = own
      for (let waited = 0; !connection.isUp() && waited < CONNECT_MS; waited += PAUSE_MS) await sleep(PAUSE_MS)
      const wake = () => void beside((redis) => redis.client('UNBLOCK', own.id)).catch(() => undefined)
      signal?.addEventListener('abort', wake)
      isWaiting = true
      try {
        return await connection.run(command, budgetMs)
      } catch (error) {
        const redirection = redirectionOf((error as Error).cause, connection.redis)
        if (redirection?.kind === 'moved') topology.moved(redirection.slot, redirection.server)
        throw error
      } finally {
        isWaiting = false
        signal?.removeEventListener('abort', wake)
      }
    },
    close() {
      closed = true
      current?.connection.close()
    },
  }
}
