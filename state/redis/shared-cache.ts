import { cacheKey } from '../keys.ts'
import { MAX_SHARED_BYTES, type SharedCache } from '../shared-cache.ts'
import type { Keyspace } from './keyspace.ts'

/** The cache over all processes. While Redis is away everything is unknown, at once. */
export function createRedisSharedCache({ run }: Keyspace): SharedCache {
  return {
    async get(key) {
      const name = cacheKey(key)
      return run(name, (redis) => redis.getBuffer(name)).catch(() => null)
    },
    async set(key, value, ttlMs) {
      if (value.length > MAX_SHARED_BYTES) return
      const name = cacheKey(key)
      await run(name, (redis) => redis.set(name, value, 'PX', ttlMs)).catch(() => undefined)
    },
  }
}
