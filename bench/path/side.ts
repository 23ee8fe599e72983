import { SIDES, type SideName } from './sides.ts'

// One side of the comparison, as a process of its own: it tells its parent where it listens and, when asked, what it has used so far.

const [, , name = '', redisUrl = '', secret = '', databaseUrl = '', settings = '{}'] = process.argv
const start = SIDES[name as SideName]
if (!start) throw new Error(`no side is named ${name}`)
const port = await start({ redisUrl, secret, databaseUrl, settings: JSON.parse(settings) })

process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.({ cpu_us: user + system, memory_bytes: process.memoryUsage.rss() })
})
process.once('disconnect', () => process.exit())
process.send?.({ port })
