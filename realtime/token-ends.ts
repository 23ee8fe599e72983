import type { Connection } from './connection.ts'
import { CLOSE } from './limits.ts'

/** The longest that a timer holds, milliseconds: 24 days. Keys live longer. */
const LONGEST_MS = 2 ** 31 - 1

export interface TokenEnds {
  /** Closes the connection when its token or key ends. */
  watch(connection: Connection): void
  /**
   * Asks when the keys of the connections end: a rotation brings that forward, and word of a revocation may have been lost. Throws
   * DatabaseUnavailableError.
   */
  refresh(): Promise<void>
}

export interface TokenEndsDeps {
  /** Leaves out keys that were revoked or are gone. */
  endsOf(keyIds: readonly string[]): Promise<ReadonlyMap<string, number>>
  /** Those that are open. */
  connections: Iterable<Connection>
}

/** The ends of tokens and keys, as far as they come by themselves. */
export function createTokenEnds({ endsOf, connections }: TokenEndsDeps): TokenEnds {
  /** For the first end alone: a timer of each would be most of what an idle connection holds. */
  let timer: NodeJS.Timeout | undefined
  let firesAt = Number.POSITIVE_INFINITY

  function watch({ endsAt }: Connection): void {
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
    for (const connection of connections) {
      if (connection.endsAt > now) next = Math.min(next, connection.endsAt)
      else connection.close(CLOSE.tokenEnded, `the ${nameOf(connection)} has expired`)
    }
    arm(next)
  }

  return {
    watch,

    async refresh() {
      const keyIds = new Set([...connections].flatMap((connection) => keyOf(connection) ?? []))
      if (keyIds.size === 0) return
      const known = await endsOf([...keyIds])
      for (const connection of connections) {
        const keyId = keyOf(connection)
        // One that came meanwhile was not asked for.
        if (keyId === null || !keyIds.has(keyId)) continue
        const endsAt = known.get(keyId)
        if (endsAt === undefined) connection.close(CLOSE.tokenEnded, 'the API key has been revoked')
        else {
          connection.endsAt = endsAt
          watch(connection)
        }
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
