import { presenceKeys } from '../keys.ts'
import type { Entry, Presence } from '../presence.ts'
import { LEASE_MS } from '../socket-leases.ts'
import type { Clock } from '../state.ts'
import type { Connection } from './connection.ts'
import { clockArgument, defineScript } from './script.ts'
import * as scripts from './scripts/presence.ts'

/** Long after the last lease, so that whoever sweeps next still finds who is gone. */
const KEPT_MS = 3_600_000
const RENEW_BUDGET_MS = 2000
/** Leases renewed in one call of a script, which nothing else can interrupt. */
const RENEWED_AT_ONCE = 200

/** Who is in each room, over all processes. Everything but `renew` throws StateUnavailableError. */
export function createRedisPresence({ connection, now }: { connection: Connection; now?: Clock }): Presence {
  const { redis, run } = connection
  const clock = clockArgument(now)
  const enter = defineScript(redis, 'fmEnter', scripts.ENTER)
  const hold = defineScript(redis, 'fmHold', scripts.HOLD)
  const leave = defineScript(redis, 'fmLeave', scripts.LEAVE)
  const list = defineScript(redis, 'fmList', scripts.LIST)
  const sweep = defineScript(redis, 'fmSweep', scripts.SWEEP)
  const setListening = defineScript(redis, 'fmSetListening', scripts.SET_LISTENING)
  const listening = defineScript(redis, 'fmListening', scripts.LISTENING)

  return {
    async enter(roomId, participantId, connectionId, max) {
      const args = [clock(), LEASE_MS, KEPT_MS, participantId, connectionId, max]
      return (await run(() => enter(presenceKeys(roomId), args))) as Entry
    },
    async renew(roomId, leases) {
      const pairs = leases.map(({ participantId, connectionId }) => [participantId, connectionId])
      for (let from = 0; from < pairs.length; from += RENEWED_AT_ONCE) {
        const args = [clock(), LEASE_MS, KEPT_MS, ...pairs.slice(from, from + RENEWED_AT_ONCE).flat()]
        await run(() => hold(presenceKeys(roomId), args), RENEW_BUDGET_MS).catch(() => undefined)
      }
    },
    async leave(roomId, participantId, connectionId) {
      const args = [clock(), participantId, ...(connectionId === undefined ? [] : [connectionId])]
      return (await run(() => leave(presenceKeys(roomId), args))) === 1
    },
    list: async (roomId) => (await run(() => list(presenceKeys(roomId), [clock()]))) as string[],
    sweep: async (roomId) => (await run(() => sweep(presenceKeys(roomId), [clock()]))) as string[],
    async setListening(roomId, participantId, language) {
      await run(() => setListening(presenceKeys(roomId), [clock(), participantId, language, KEPT_MS]))
    },
    listening: async (roomId) => (await run(() => listening(presenceKeys(roomId), [clock()]))) as string[],
    async clear(roomId) {
      await run(() => redis.unlink(...presenceKeys(roomId)))
    },
  }
}
