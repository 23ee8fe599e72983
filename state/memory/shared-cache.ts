import { steadyClock } from '../clock.ts'
import { MAX_SHARED_BYTES, type SharedCache } from '../shared-cache.ts'
import type { Clock } from '../state.ts'
import { createBoundedMap } from './bounded-map.ts'

/** Few: who asks has a cache of its own before it. */
const MAX_KEYS = 1_000

/** The cache of a process that shares it with nobody. */
export function createMemorySharedCache({ now = steadyClock }: { now?: Clock } = {}): SharedCache {
  const known = createBoundedMap<{ value: Buffer; until: number }>(({ until }) => until <= now(), MAX_KEYS)

  return {
    async get(key) {
      const found = known.get(key)
      return found && found.until > now() ? found.value : null
    },
    async set(key, value, ttlMs) {
      if (value.length <= MAX_SHARED_BYTES) known.set(key, { value: Buffer.from(value), until: now() + ttlMs })
    },
  }
}
