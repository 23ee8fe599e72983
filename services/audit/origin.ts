import { AsyncLocalStorage } from 'node:async_hooks'
import type { Principal } from '../principal.ts'

export type ActorKind = 'user' | 'guest' | 'api_key' | 'system' | 'anonymous'

/** Who does something. */
export interface Actor {
  kind: ActorKind
  /** A user, a participant or a key; nobody's for the server itself and for strangers. */
  id: string | null
}

export const SYSTEM: Actor = { kind: 'system', id: null }
export const ANONYMOUS: Actor = { kind: 'anonymous', id: null }

/** The actor that a principal is. */
export function actorOf(principal: Principal): Actor & { id: string } {
  if (principal.kind === 'user') return { kind: 'user', id: principal.userId }
  return principal.kind === 'guest'
    ? { kind: 'guest', id: principal.participantId }
    : { kind: 'api_key', id: principal.keyId }
}

/** Where an act comes from. */
export interface Origin {
  actor: Actor
  /** The group of addresses it came from: an IPv4 address or an IPv6 /64. */
  address: string
  requestId: string
}

export type Origins = ReturnType<typeof createOrigins>

/**
 * Whom and what the present work is done for, without every service handing it on: what is recorded deep inside still knows its request.
 * Work that nobody asked for has none: the server does it.
 */
export function createOrigins() {
  const storage = new AsyncLocalStorage<Origin>()
  return {
    run: <T>(origin: Origin, work: () => T): T => storage.run(origin, work),
    current: (): Origin | null => storage.getStore() ?? null,
  }
}
