import type { Connection } from './connection.ts'
import { CLOSE } from './limits.ts'

/** The longest that a timer holds, milliseconds: 24 days. Keys live longer. */
const LONGEST_MS = 2 ** 31 - 1

export interface TokenEnds {
  /** Closes the connection when its token or key ends; answers what forgets it. */
  watch(connection: Connection): () => void
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
  const timers = new Map<Connection, NodeJS.Timeout>()

  function arm(connection: Connection, endsAt: number): void {
    clearTimeout(timers.get(connection))
    const left = Math.max(endsAt - Date.now(), 0)
    const then = () =>
      left > LONGEST_MS
        ? arm(connection, endsAt)
        : connection.close(CLOSE.tokenEnded, `the ${nameOf(connection)} has expired`)
    timers.set(connection, setTimeout(then, Math.min(left, LONGEST_MS)).unref())
  }

  return {
    watch(connection) {
      arm(connection, connection.admission.principal.expiresAt)
      return () => {
        clearTimeout(timers.get(connection))
        timers.delete(connection)
      }
    },

    async refresh() {
      const keyIds = new Set([...timers.keys()].flatMap((connection) => keyOf(connection) ?? []))
      if (keyIds.size === 0) return
      const ends = await endsOf([...keyIds])
      for (const connection of timers.keys()) {
        const keyId = keyOf(connection)
        // One that came meanwhile was not asked for.
        if (keyId === null || !keyIds.has(keyId)) continue
        const endsAt = ends.get(keyId)
        if (endsAt === undefined) connection.close(CLOSE.tokenEnded, 'the API key has been revoked')
        else arm(connection, endsAt)
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
