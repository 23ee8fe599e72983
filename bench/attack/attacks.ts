import { setTimeout as sleep } from 'node:timers/promises'
import type { Load, Loaded } from '../load.ts'
import type { Credentials } from './accounts.ts'
import { addresses, login, note, upgrade } from './wires.ts'

export const LOGINS = 200
export const SOCKETS = 1_000
export const FLOOD_PER_SECOND = 20_000
/** So many that none of them signs in more often than it may. */
const LOGIN_ADDRESSES = 2_000
const FLOOD_CONNECTIONS = 50
const BURST_EVERY_MS = 1_000

export interface Attackers {
  /** Where the server is that everybody uses. */
  readonly port: number
  /** Where another is, which nobody else uses. */
  readonly elsewhere: number
  readonly accounts: readonly Credentials[]
  run(load: Load): Promise<Loaded>
}

export type Attacked = Pick<Loaded, 'per_second' | 'answers'>
/** Goes on for so many milliseconds, and ends by itself. */
export type Attack = (forMs: number) => Promise<Attacked>

export function createAttacks({ port, elsewhere, accounts, run }: Attackers) {
  const logins = addresses(LOGIN_ADDRESSES).map((address, i) => {
    const credentials = accounts[i % accounts.length]
    if (!credentials) throw new Error('there are no accounts')
    return login(credentials, address)
  })
  const upgrades = addresses(SOCKETS).map(upgrade)
  const flood = (at: number, statuses: readonly number[], forMs: number) => {
    const requests = Math.ceil((FLOOD_PER_SECOND * forMs) / 1000)
    const load = { port: at, connections: FLOOD_CONNECTIONS, requests, statuses, forMs, wire: [note(null)] }
    return run({ ...load, perSecond: FLOOD_PER_SECOND })
  }

  return {
    /** So many sign in at the same time, again and again, from many addresses and with the right password. */
    logins: (forMs: number) =>
      run({ port, connections: LOGINS, requests: LOGIN_ADDRESSES, wire: logins, statuses: [200], forMs }),

    /** One address that has used up its limit. */
    flood: (forMs: number) => flood(port, [401, 429], forMs),

    /** The same at a server that does nothing else: what of it is only that all share one machine. */
    flood_elsewhere: (forMs: number) => flood(elsewhere, [200], forMs),

    /** So many sockets connect at once, and are refused; and the next second again. */
    async sockets(forMs: number): Promise<Attacked> {
      const started = performance.now()
      let refused = 0
      for (let burst = 0; burst * BURST_EVERY_MS < forMs; burst++) {
        await sleep(Math.max(0, started + burst * BURST_EVERY_MS - performance.now()))
        const load = { port, connections: SOCKETS, requests: SOCKETS, wire: upgrades, statuses: [401], fresh: true }
        refused += (await run(load)).requests
      }
      return { per_second: Math.round(refused / ((performance.now() - started) / 1000)), answers: { 401: refused } }
    },
  } satisfies Record<string, Attack>
}
