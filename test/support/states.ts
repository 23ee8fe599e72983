import type { Test } from 'tap'
import { createMemoryState } from '../../state/memory/state.ts'
import { createRedisState, type RedisStateOptions } from '../../state/redis/state.ts'
import type { State } from '../../state/state.ts'
import { type RedisServer, startRedis } from './redis.ts'
import { type RedisCluster, startRedisCluster } from './redis-cluster.ts'

export const silentLogger = { info: () => undefined, warn: () => undefined, error: () => undefined }

export const WINDOW_MS = 60_000
export const FAILURES = { max: 5, windowMs: 900_000 }

/** A clock that stands still until the test moves it. */
export interface TestClock {
  now: () => number
  advance(ms: number): void
}

export function createTestClock(start = 1_800_000_000_000): TestClock {
  let time = start
  return {
    now: () => time,
    advance(ms) {
      time += ms
    },
  }
}

/** Opens a process's state on a Redis, closed with the test. The budget is wide: a loaded machine is not an outage. */
export async function openRedisState(
  t: Pick<Test, 'teardown'>,
  url: string,
  options: Partial<RedisStateOptions> = {},
): Promise<State> {
  const state = await createRedisState({
    url,
    logger: silentLogger,
    limiter: { onFailure: 'local', expectedProcesses: 1 },
    failures: FAILURES,
    budgetMs: 5000,
    ...options,
  })
  t.teardown(() => state.close())
  return state
}

export interface Twin {
  readonly name: 'memory' | 'redis' | 'cluster'
  open(t: Test, now?: () => number): Promise<State>
}

/** The implementations of the state, for the one contract that all keep. The servers are started once a file. */
export function twins(t: Test): Twin[] {
  let server: Promise<RedisServer> | undefined
  let cluster: Promise<RedisCluster> | undefined
  return [
    {
      name: 'memory',
      open: async (_t, now) => createMemoryState({ failures: FAILURES, ...(now ? { now } : {}) }),
    },
    {
      name: 'redis',
      open: async (test, now) => {
        server ??= startRedis(t)
        return openRedisState(test, (await server).url, now ? { now } : {})
      },
    },
    {
      name: 'cluster',
      open: async (test, now) => {
        cluster ??= startRedisCluster(t)
        return openRedisState(test, (await cluster).url, now ? { now } : {})
      },
    },
  ]
}

/** Resolves when the condition holds; the test's own timeout ends a wait that never does. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10))
}
