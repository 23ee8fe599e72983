import { ROOM_SIDES, type RoomSideName, type RoomSideOptions } from './sides.ts'

// One side of the comparison, as a process of its own: it says where it listens and, when asked, what it has used so far.

const [, , name = '', options = '{}'] = process.argv
const start = ROOM_SIDES[name as RoomSideName]
if (!start) throw new Error(`no side is named ${name}`)
const port = await start(JSON.parse(options) as RoomSideOptions)

process.on('message', ({ settled }: { settled?: boolean }) => {
  // For its memory; not when its time is asked for, which a collection would be part of.
  if (settled) globalThis.gc?.()
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  process.send?.({ cpu_us: user + system, rss_bytes: rss, heap_bytes: heapUsed })
})
process.once('disconnect', () => process.exit())
process.send?.({ port })
