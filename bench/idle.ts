import { setTimeout as sleep } from 'node:timers/promises'
import { machine } from './machine.ts'
import { installPeers } from './peers.ts'
import { startCrowd, startSide } from './rooms/processes.ts'
import { type Seat, seedRoom } from './rooms/seed.ts'
import { ROOM_SIDES, type RoomSideName } from './rooms/sides.ts'
import { openStand, report, type Spread, spread } from './stand.ts'

// `npm run bench:idle`: what a socket on which nothing happens holds in memory, beside bare `ws` and socket.io: the process before and with
// the sockets, each time a fresh one. Ours are in rooms as meetings are: ten people each.

const SOCKETS = Number(process.env.BENCH_SOCKETS ?? 10_000)
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const PEOPLE = 10
/** Opened and closed first: what a process makes once is no part of a socket. */
const FIRST = 200
/** Of one crowd. */
const MOST_OF_A_CROWD = 2_500
/** Files of a process that are no clients' sockets. */
const OTHER_FILES = 200
/** For what the last socket set off, and what is done with the sockets that are gone. */
const QUIET_MS = 3_000
/** How many call at the same time, and how long an answer may take. */
const CALLING = 10
const PATIENCE_MS = 20_000

const environment = machine()
checkOpenFiles()
installPeers()
const stand = await openStand()

try {
  const rooms: Seat[][] = []
  for (let i = 0; i < SOCKETS; i += PEOPLE) rooms.push(await seedRoom(stand.db, stand.tokens, PEOPLE))
  const seats = rooms.flat().slice(0, SOCKETS)

  async function bytesPerSocket(name: RoomSideName) {
    const side = await startSide(stand, name)
    const crowds = Array.from({ length: Math.ceil(SOCKETS / MOST_OF_A_CROWD) }, () => startCrowd(stand))
    const places = seats.map((seat) => ({ ...seat, port: side.port }))
    const [one] = crowds
    await one?.ask({ side: name, open: places.slice(0, FIRST) })
    await one?.ask({ close: true })
    if (name === 'fluentmeet') await callOnce(side.port)
    await sleep(QUIET_MS)
    const before = await side.settled()
    for (const [i, crowd] of crowds.entries())
      await crowd.ask({ side: name, open: places.slice(i * MOST_OF_A_CROWD, (i + 1) * MOST_OF_A_CROWD) })
    await sleep(QUIET_MS)
    const open = await side.settled()
    await Promise.all(crowds.map((crowd) => crowd.close()))
    await side.close()
    return {
      rss: (open.rss_bytes - before.rss_bytes) / SOCKETS,
      held: (open.held_bytes - before.held_bytes) / SOCKETS,
    }
  }

  /** Who opens a socket has called before, to join: the process knows the token then, as it knows the last ten thousand. */
  async function callOnce(port: number): Promise<void> {
    const waiting = seats.values()
    const lane = async () => {
      for (const { path, token } of waiting) {
        const url = `http://127.0.0.1:${port}${path.replace('/ws/', '/')}`
        const headers = { authorization: `Bearer ${token}` }
        const response = await fetch(url, { headers, signal: AbortSignal.timeout(PATIENCE_MS) })
        if (!response.ok) throw new Error(`GET ${url} was answered with ${response.status}`)
        await response.arrayBuffer()
      }
    }
    await Promise.all(Array.from({ length: CALLING }, lane))
  }

  const names = Object.keys(ROOM_SIDES) as RoomSideName[]
  const measured = names.map((name) => ({ name, rss: [] as number[], held: [] as number[] }))
  for (let round = 0; round < ROUNDS; round++) {
    for (const { name, rss, held } of measured) {
      const bytes = await bytesPerSocket(name)
      rss.push(bytes.rss)
      held.push(bytes.held)
      console.error(
        `round ${round + 1}, ${name}: ${Math.round(bytes.rss)} bytes a socket, ${Math.round(bytes.held)} by V8`,
      )
    }
  }

  const figures = (of: 'rss' | 'held', name: RoomSideName) => measured.find((side) => side.name === name)?.[of] ?? []
  const ratio = (of: 'rss' | 'held', other: RoomSideName): Spread =>
    spread(figures(of, 'fluentmeet').map((bytes, round) => bytes / (figures(of, other)[round] ?? Number.NaN)))
  const sides = measured.map(({ name, rss, held }) => [
    name,
    { sockets: SOCKETS, bytes_per_socket: spread(rss), v8_bytes_per_socket: spread(held) },
  ])
  report('idle', {
    machine: environment,
    measured: `${ROUNDS} rounds, each side in a fresh process: resident memory with ${SOCKETS} idle sockets less that before them; ours in rooms of ${PEOPLE}, of people who have made one call before, so that the cache of known tokens does not count`,
    sides: Object.fromEntries(sides),
    fluentmeet_to: { ws: ratio('rss', 'ws'), socketio: ratio('rss', 'socketio') },
    fluentmeet_to_by_v8: { ws: ratio('held', 'ws'), socketio: ratio('held', 'socketio') },
  })
} finally {
  await stand.close()
}

/** A server holds all sockets. Node has raised the soft limit to the hard one. */
function checkOpenFiles(): void {
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft: number | string } } }
  const limit = Number(userLimits?.open_files?.soft)
  if (limit >= SOCKETS + OTHER_FILES) return
  const asked = `${SOCKETS} sockets need ${SOCKETS + OTHER_FILES} open files, and a process may have ${limit}`
  throw new Error(`${asked}: raise it (ulimit -n), or ask for fewer sockets (BENCH_SOCKETS)`)
}
