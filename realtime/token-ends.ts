import type { Connection } from './connection.ts'
import { CLOSE } from './limits.ts'

/** The longest that a timer holds, milliseconds: 24 days. Keys live longer. */
const LONGEST_MS = 2 ** 31 - 1

export interface TokenEnds {
  /** Closes the connection when its token or key ends, unless it is forgotten. */
  watch(connection: Connection): void
  forget(connection: Connection): void
  /**
   * Asks when the keys of the connections end: a rotation brings that forward, and word of a revocation may have been lost. Throws
   * DatabaseUnavailableError.
   */
  refresh(): Promise<void>
}

/** The ends of tokens and keys, as far as they come by themselves. `endsOf` leaves out keys that were revoked or are gone. */
export function createTokenEnds(
  endsOf: (keyIds: readonly string[]) => Promise<ReadonlyMap<string, number>>,
): TokenEnds {
  const ends = new Map<Connection, number>()
  /** For the first end alone: a timer of each would be most of what an idle connection holds. */
  let timer: NodeJS.Timeout | undefined
  let firesAt = Number.POSITIVE_INFINITY

  function set(connection: Connection, endsAt: number): void {
    ends.set(connection, endsAt)
    if (endsAt < firesAt) arm(endsAt)
  }

  function arm(at: number): void {
    clearTimeout(timer)
    firesAt = at
    if (at < Number.POSITIVE_INFINITY)
      timer = setTimeout(closeEnded, Math.min(Math.max(at - Date.now(), 0), LONGEST_MS)).unref()
  }

  function closeEnded(): void {
    const now = Date.now()
    let next = Number.POSITIVE_INFINITY
    for (const [connection, endsAt] of ends) {
      if (endsAt > now) next = Math.min(next, endsAt)
      else {
        ends.delete(connection)
        connection.close(CLOSE.tokenEnded, `the ${nameOf(connection)} has expired`)
      }
    }
    arm(next)
  }

  return {
    watch(connection) {
      set(connection, connection.admission.principal.expiresAt)
    },

    forget(connection) {
      ends.delete(connection)
    },

    async refresh() {
      const keyIds = new Set([...ends.keys()].flatMap((connection) => keyOf(connection) ?? []))
      if (keyIds.size === 0) return
      const known = await endsOf([...keyIds])
      for (const connection of ends.keys()) {
        const keyId = keyOf(connection)
        // One that came meanwhile was not asked for.
        if (keyId === null || !keyIds.has(keyId)) continue
        const endsAt = known.get(keyId)
        if (endsAt === undefined) connection.close(CLOSE.tokenEnded, 'the API key has been revoked')
        else set(connection, endsAt)
      }
    },
  }
}

function keyOf({ admission: { principal } }: Connection): string | null {
  return principal.kind === 'api_key' ? principal.keyId : null
}

function nameOf(connection: Connection): string {
  return keyOf(connection) === null ? 'token' : 'API key'
}
