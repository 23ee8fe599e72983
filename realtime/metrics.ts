import { Counter, Gauge, type Registry } from 'prom-client'
import { CLOSE } from './limits.ts'

/** What a hub has now. */
export interface SocketCounts {
  /** Sockets of people inside, and of those who wait in the lobby. */
  readonly inside: number
  readonly waiting: number
  readonly rooms: number
}

export interface SocketMetrics {
  /** A socket closed. Clients choose codes too: those that the contract does not know are `other`. */
  closed(code: number): void
  /** Tells what is there when the registry is read. */
  watch(counts: () => SocketCounts): void
}

/** Left, gone without a word, too big, and what the server closes with. */
const KNOWN: ReadonlySet<number> = new Set([1000, 1001, 1005, 1006, 1009, ...Object.values(CLOSE)])

/** Puts the sockets' metrics into a Prometheus registry. */
export function createSocketMetrics(registry: Registry): SocketMetrics {
  const registers = [registry]
  let counts: () => SocketCounts = () => ({ inside: 0, waiting: 0, rooms: 0 })
  new Gauge({
    ...{ name: 'fluentmeet_sockets_open', help: 'Open sockets: in a room, or in its lobby.', registers },
    labelNames: ['where'] as const,
    collect() {
      const { inside, waiting } = counts()
      this.set({ where: 'room' }, inside)
      this.set({ where: 'lobby' }, waiting)
    },
  })
  new Gauge({
    ...{ name: 'fluentmeet_rooms_open', help: 'Rooms with a socket on this process.', registers },
    collect() {
      this.set(counts().rooms)
    },
  })
  const closed = new Counter({
    ...{ name: 'fluentmeet_sockets_closed_total', help: 'Sockets that closed, by close code.', registers },
    labelNames: ['code'] as const,
  })
  return {
    closed: (code) => closed.inc({ code: KNOWN.has(code) ? String(code) : 'other' }),
    watch(given) {
      counts = given
    },
  }
}
