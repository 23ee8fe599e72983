import { steadyClock } from '../clock.ts'
import type { Revocation, Revocations } from '../revocations.ts'
import type { Clock } from '../state.ts'
import { createBoundedMap } from './bounded-map.ts'

export interface LiveRevocation extends Revocation {
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** What one process knows of revoked sessions. */
export interface RevocationRegistry {
  /** Remembers; tells the listeners of those it did not know. */
  learn(revocation: Revocation, ttlMs: number): void
  has(sessionId: string): boolean
  /** How much longer a session is refused, milliseconds; 0 when it is not. */
  ttlMs(sessionId: string): number
  /** Those that still count. */
  live(): LiveRevocation[]
  onRevoked(listener: (revocation: Revocation) => void): void
}

/** `onError` hears of a listener that threw: the others are told all the same. */
export function createRevocationRegistry(options: {
  now?: Clock
  onError?: (error: unknown) => void
}): RevocationRegistry {
  const { now = steadyClock, onError } = options
  const known = createBoundedMap<LiveRevocation>(({ expiresAt }) => expiresAt <= now())
  const listeners: ((revocation: Revocation) => void)[] = []

  function has(sessionId: string): boolean {
    const found = known.get(sessionId)
    return found !== undefined && found.expiresAt > now()
  }

  return {
    has,
    learn({ subject, sessionId, reason }, ttlMs) {
      const isNew = !has(sessionId)
      const expiresAt = Math.max(known.get(sessionId)?.expiresAt ?? 0, now() + ttlMs)
      known.set(sessionId, { subject, sessionId, reason, expiresAt })
      if (!isNew) return
      for (const listener of listeners) {
        try {
          listener({ subject, sessionId, reason })
        } catch (error) {
          onError?.(error)
        }
      }
    },
    ttlMs: (sessionId) => Math.max(0, (known.get(sessionId)?.expiresAt ?? 0) - now()),
    live: () => [...known.values()].filter(({ expiresAt }) => expiresAt > now()),
    onRevoked: (listener) => void listeners.push(listener),
  }
}

/** Revoked sessions, within one process. */
export function createMemoryRevocations(registry: RevocationRegistry): Revocations {
  return {
    async revoke(revocations, ttlMs) {
      for (const revocation of revocations) registry.learn(revocation, ttlMs)
    },
    isRevoked: async (_subject, sessionId) => registry.has(sessionId),
    isRevokedLocally: registry.has,
    onRevoked: registry.onRevoked,
  }
}
