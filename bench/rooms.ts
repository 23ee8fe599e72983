import { setTimeout as sleep } from 'node:timers/promises'
import { machine, quantile } from './machine.ts'
import { installPeers } from './peers.ts'
import { type Crowd, type Side, startCrowd, startSide } from './rooms/processes.ts'
import { type Seat, seedRoom } from './rooms/seed.ts'
import { ROOM_SIDES, type RoomSideName } from './rooms/sides.ts'
import type { Place } from './rooms/sockets.ts'
import { openStand, report, spread } from './stand.ts'

// `npm run bench:rooms`: one speaker, many listeners in four languages, over one and two processes, beside a bare `ws` broadcast of a frame
// of the same size and socket.io with its Redis adapter. Sides are measured in turn, round after round, and compared within each round.
// A report, not a test.

const LISTENERS = (process.env.BENCH_LISTENERS ?? '10,100,1000,5000').split(',').map(Number)
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
/** What is delivered in a round, at the least; and how many captions. */
const DELIVERIES = 20_000
const CAPTIONS = 25
const MOST_CAPTIONS = 150
/** Said in a first room before anything is measured: what is compared has been running for a while, and is not still being compiled. */
const WARM_UP = { listeners: 100, captions: 5_000 }
/** Said in each room before it is measured, and what of them is delivered, at the most. */
const FIRST_CAPTIONS = 200
const FIRST_DELIVERIES = 100_000
/** After it all work for what was said is done, that in the background too: before and after each round. */
const SETTLED_MS = 500
/** A room takes a thousand people; of five thousand listeners each has five sockets. */
const MAX_PEOPLE = 1_000
const TEXT = 'The next train to the city leaves from platform nine in ten minutes.'

const environment = machine()
installPeers()
const stand = await openStand()

try {
  let frameBytes = 0

  const ours = [await startSide(stand, 'fluentmeet'), await startSide(stand, 'fluentmeet')]
  frameBytes = await sizeOfCaption()
  const sides: { name: RoomSideName; processes: Side[]; crowd: Crowd }[] = []
  for (const name of Object.keys(ROOM_SIDES) as RoomSideName[]) {
    const processes =
      name === 'fluentmeet'
        ? ours
        : [await startSide(stand, name, frameBytes), await startSide(stand, name, frameBytes)]
    sides.push({ name, processes, crowd: startCrowd(stand) })
  }

  async function sizeOfCaption(): Promise<number> {
    const crowd = startCrowd(stand)
    const seats = await seedRoom(stand.db, stand.tokens, 2)
    await crowd.ask({ side: 'fluentmeet', open: seats.map((seat) => ({ ...seat, port: ours[0]?.port ?? 0 })) })
    const { frame_bytes } = await crowd.ask<{ frame_bytes: number }>({ captions: 1, text: TEXT })
    await crowd.ask({ close: true })
    return frame_bytes
  }

  /** The speaker and so many listeners, spread over the processes. */
  function placesOf(seats: readonly Seat[], listeners: number, ports: readonly number[]): Place[] {
    const [speaker] = seats
    const others = seats.slice(1)
    const all = [speaker, ...Array.from({ length: listeners }, (_, i) => others[i % others.length])]
    return all.map((seat, i) => ({ ...seat, port: ports[i % ports.length] ?? 0 }))
  }

  async function warmUp({ listeners, captions }: typeof WARM_UP) {
    const seats = await seedRoom(stand.db, stand.tokens, listeners + 1)
    for (const { name, crowd, processes } of sides) {
      const ports = processes.map(({ port }) => port)
      await crowd.ask({ side: name, open: placesOf(seats, listeners, ports) })
      await crowd.ask({ captions, text: TEXT, pauseMs: 0 })
      await crowd.ask({ close: true })
    }
  }

  async function compare(listeners: number, processes: number) {
    const seats = await seedRoom(stand.db, stand.tokens, Math.min(listeners + 1, MAX_PEOPLE))
    const captions = Math.min(MOST_CAPTIONS, Math.max(CAPTIONS, Math.ceil(DELIVERIES / listeners)))
    for (const { name, crowd, processes: all } of sides) {
      const ports = all.slice(0, processes).map(({ port }) => port)
      await crowd.ask({ side: name, open: placesOf(seats, listeners, ports) })
      await crowd.ask({ captions: Math.min(FIRST_CAPTIONS, FIRST_DELIVERIES / listeners), text: TEXT })
    }
    const measured = sides.map(() => ({ cpu: [] as number[], p50: [] as number[], p99: [] as number[] }))
    for (let round = 0; round < ROUNDS; round++) {
      for (const [i, { crowd, processes: all }] of sides.entries()) {
        const cpu = async () => {
          await sleep(SETTLED_MS)
          return (await Promise.all(all.slice(0, processes).map(({ used }) => used()))).reduce(
            (sum, { cpu_us }) => sum + cpu_us,
            0,
          )
        }
        const before = await cpu()
        const { times } = await crowd.ask<{ times: number[] }>({ captions, text: TEXT })
        const delivered = captions * (listeners + 1)
        measured[i]?.cpu.push(((await cpu()) - before) / delivered)
        measured[i]?.p50.push(quantile(times, 0.5))
        measured[i]?.p99.push(quantile(times, 0.99))
      }
    }
    for (const { crowd } of sides) await crowd.ask({ close: true })
    const [bare] = measured
    const rows = sides.map(({ name }, i) => {
      const { cpu = [], p50 = [], p99 = [] } = measured[i] ?? {}
      const figures = { cpu_us_per_delivery: spread(cpu), p50_ms: spread(p50), p99_ms: spread(p99) }
      const cpu_to_ws = spread(cpu.map((value, round) => value / (bare?.cpu[round] ?? Number.NaN)))
      return [name, { ...figures, cpu_to_ws }] as const
    })
    console.error(
      `${listeners} listeners, ${processes} process(es): ${rows.map(([name, row]) => `${name} ${row.cpu_to_ws.median}`).join(', ')}`,
    )
    return { listeners, processes, captions, sides: Object.fromEntries(rows) }
  }

  await warmUp(WARM_UP)
  const rooms = []
  for (const processes of [1, 2])
    for (const listeners of LISTENERS) {
      rooms.push(await compare(listeners, processes))
      // As far as it came, each time: the largest rooms take minutes to fill.
      report('rooms', {
        machine: environment,
        measured: `${ROUNDS} rounds of captions of ${frameBytes} bytes, sides in turn, after ${WARM_UP.captions} captions of warm-up in a first room; CPU of the server processes for each frame delivered; time until the last listener has it`,
        rooms,
      })
    }
} finally {
  await stand.close()
}
