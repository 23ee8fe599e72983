import { presenceKeys } from '../keys.ts'
import type { Entry, Presence } from '../presence.ts'
import { LEASE_MS } from '../socket-leases.ts'
import type { Clock } from '../state.ts'
import type { Keyspace } from './keyspace.ts'
import { clockArgument, runScript, type ScriptArgument, type ScriptName } from './script.ts'

/** Long after the last lease, so that whoever sweeps next still finds who is gone. */
const KEPT_MS = 3_600_000
const RENEW_BUDGET_MS = 2000
/** Leases renewed in one call of a script, which nothing else can interrupt. */
const RENEWED_AT_ONCE = 200

/** Who is in each room, over all processes. Everything but `renew` throws StateUnavailableError. */
export function createRedisPresence({ keyspace, now }: { keyspace: Keyspace; now?: Clock }): Presence {
  const clock = clockArgument(now)

  function call(name: ScriptName, roomId: string, args: ScriptArgument[] = [], budgetMs?: number): Promise<unknown> {
    const keys = presenceKeys(roomId)
    return keyspace.run(keys[0], (redis) => runScript(redis, name, keys, [clock(), ...args]), budgetMs)
  }

  return {
    async enter(roomId, participantId, connectionId, max) {
      return (await call('fmEnter', roomId, [LEASE_MS, KEPT_MS, participantId, connectionId, max])) as Entry
    },
    async renew(roomId, leases) {
      const pairs = leases.map(({ participantId, connectionId }) => [participantId, connectionId])
      for (let from = 0; from < pairs.length; from += RENEWED_AT_ONCE) {
        const args = [LEASE_MS, KEPT_MS, ...pairs.slice(from, from + RENEWED_AT_ONCE).flat()]
        await call('fmHold', roomId, args, RENEW_BUDGET_MS).catch(() => undefined)
      }
    },
    async leave(roomId, participantId, connectionId) {
      const args = [participantId, ...(connectionId === undefined ? [] : [connectionId])]
      return (await call('fmLeave', roomId, args)) === 1
    },
    list: async (roomId) => (await call('fmList', roomId)) as string[],
    sweep: async (roomId) => (await call('fmSweep', roomId)) as string[],
    async setListening(roomId, participantId, language) {
      await call('fmSetListening', roomId, [participantId, language, KEPT_MS])
    },
    listening: async (roomId) => (await call('fmListening', roomId)) as string[],
    async clear(roomId) {
      const keys = presenceKeys(roomId)
      await keyspace.run(keys[0], (redis) => redis.unlink(...keys))
    },
  }
}
