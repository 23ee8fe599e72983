import { setTimeout as sleep } from 'node:timers/promises'
import { visitRoom } from './leak/visit.ts'
import { machine } from './machine.ts'
import { startSide } from './rooms/processes.ts'
import { seedPeople } from './rooms/seed.ts'
import { openStand, report } from './stand.ts'

// `npm run bench:leak`: rooms come and go, a thousand of them after the first two hundred, and what the server holds after each hundred.
// The same people meet again and again and say the same, so that what is bounded (known tokens, translations) is full early on.

const BATCHES = Number(process.env.BENCH_BATCHES ?? 12)
const ROOMS_PER_BATCH = 100
/** So many rooms at a time, each with people of its own. */
const LANES = 10
const PEOPLE = 5
/** The batches that fill what is bounded. */
const FIRST = 2
/** For what the last room set off. */
const QUIET_MS = 3_000

const environment = machine()
const stand = await openStand()

try {
  const side = await startSide(stand, 'fluentmeet')
  const groups = await Promise.all(
    Array.from({ length: LANES }, () =>
      seedPeople(stand.db, stand.tokens, PEOPLE).then((people) => people.map(({ token }) => token)),
    ),
  )

  async function batch(): Promise<void> {
    const rooms = Array.from({ length: ROOMS_PER_BATCH }, (_, i) => i).values()
    const lane = async (tokens: readonly string[]) => {
      for (const i of rooms) await visitRoom(side.port, tokens, i % 2 === 0 ? 'ended' : 'left')
    }
    await Promise.all(groups.map(lane))
  }

  const heap: number[] = []
  const rss: number[] = []
  for (let i = 0; i < BATCHES; i++) {
    await batch()
    await sleep(QUIET_MS)
    const { held_bytes, rss_bytes } = await side.settled()
    heap.push(held_bytes)
    rss.push(rss_bytes)
    console.error(
      `${(i + 1) * ROOMS_PER_BATCH} rooms: ${megabytes(held_bytes)} MB by V8, ${megabytes(rss_bytes)} MB resident`,
    )
  }
  const growth = (of: readonly number[]) => (of.at(-1) ?? 0) - (of[FIRST - 1] ?? 0)
  const rooms = (BATCHES - FIRST) * ROOMS_PER_BATCH
  report('leak', {
    machine: environment,
    measured: `memory after a collection, after each batch of rooms of ${PEOPLE} people who say something; growth over the last ${rooms} rooms`,
    rooms_per_batch: ROOMS_PER_BATCH,
    heap_bytes: heap,
    rss_bytes: rss,
    growth: {
      rooms,
      heap_bytes: growth(heap),
      rss_bytes: growth(rss),
      heap_bytes_per_room: Math.round(growth(heap) / rooms),
    },
  })
} finally {
  await stand.close()
}

function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(2)
}
