import { setTimeout as sleep } from 'node:timers/promises'
import { ROOM_SIDES, type RoomSideName, type RoomSideOptions } from './sides.ts'

// One side of the comparison, as a process of its own: it says where it listens and, when asked, what it has used so far.

/** What a collection lets go of is freed by callbacks, some of which allocate. */
const COLLECTIONS = 4

const [, , name = '', options = '{}'] = process.argv
const start = ROOM_SIDES[name as RoomSideName]
if (!start) throw new Error(`no side is named ${name}`)
const port = await start(JSON.parse(options) as RoomSideOptions)

process.on('message', async ({ settled }: { settled?: boolean }) => {
  // For its memory; not when its time is asked for, which a collection would be part of.
  for (let i = 0; settled && i < COLLECTIONS; i++) {
    await sleep(100)
    globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  }
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed, external } = process.memoryUsage()
  process.send?.({ cpu_us: user + system, rss_bytes: rss, heap_bytes: heapUsed, held_bytes: heapUsed + external })
})
process.once('disconnect', () => process.exit())
process.send?.({ port })
