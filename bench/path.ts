import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import type { Loaded } from './load.ts'
import { machine } from './machine.ts'
import { SIDES, type SideName } from './path/sides.ts'
import { installPeers } from './peers.ts'
import { firstWord, startLoader, startWorker } from './processes.ts'
import { openStand, report, spread } from './stand.ts'

// `npm run bench:path`: one POST with a JSON body of 100 bytes, validated, authenticated, limited through a real Redis, with all headers
// and one log line, beside the same handler on bare Fastify, on Fastify with the usual plugins, on Express and on NestJS. Every side is
// a process of its own; they are measured in turn, round after round, and compared within each round. A report, not a test.

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 9)
/** Then all sides are started anew: equal processes differ by a tenth, and some by more, for as long as they run. */
const ROUNDS_OF_PROCESS = 3
const WARM_UP = 30_000
const REQUESTS = 20_000
const CONNECTIONS = 50
/** Within the limits of one minute, whatever the speed: each user makes its requests in turn. */
const USERS = 4_000

interface Measured extends Loaded {
  readonly side_cpu_us: number
  readonly memory_bytes: number
}

const environment = machine()
installPeers()
const stand = await openStand()

try {
  const { redisUrl, databaseUrl, secret, tokens } = stand
  const body = JSON.stringify({ text: 'x'.repeat(73), language: 'en' })
  if (Buffer.byteLength(body) !== 100) throw new Error(`the body has ${Buffer.byteLength(body)} bytes`)
  const wire = Array.from({ length: USERS }, () => {
    const { token } = tokens.issueAccess(randomUUID(), randomUUID())
    const head = ['POST /notes HTTP/1.1', 'host: bench.example.org', `authorization: Bearer ${token}`]
    head.push('origin: https://bench.example.org', 'content-type: application/json', `content-length: ${body.length}`)
    return `${head.join('\r\n')}\r\n\r\n${body}`
  })

  const loader = startLoader()
  stand.atEnd(loader.close)
  const names = Object.keys(SIDES) as SideName[]
  const sides = names.map((name) => ({ name, measured: [] as Measured[] }))
  const control = new Redis(redisUrl)
  stand.atEnd(() => control.disconnect())

  let running: Awaited<ReturnType<typeof startSide>>[] = []
  for (let round = 0; round < ROUNDS; round++) {
    if (round % ROUNDS_OF_PROCESS === 0) {
      for (const { close } of running) close()
      running = await Promise.all(sides.map(startSide))
      for (const { run } of running) await run(WARM_UP)
    }
    for (const { used, run, measured } of running) {
      await control.flushall()
      const before = await used()
      const loaded = await run(REQUESTS)
      const after = await used()
      measured.push({ ...loaded, side_cpu_us: after.cpu_us - before.cpu_us, memory_bytes: after.memory_bytes })
    }
    console.error(`round ${round + 1} of ${ROUNDS}`)
  }

  async function startSide({ name, measured }: (typeof sides)[number]) {
    const worker = startWorker('path/side.ts', [name, redisUrl, secret, databaseUrl])
    stand.atEnd(worker.close)
    const { port } = await firstWord<{ port: number }>(worker)
    const used = () => worker.ask<{ cpu_us: number; memory_bytes: number }>({})
    const run = (requests: number) => loader.run({ port, connections: CONNECTIONS, requests, wire, statuses: [200] })
    return { name, measured, used, run, close: worker.close }
  }

  /** What one request makes Redis do, as Redis counts it: `evalsha` is what is sent, the others are what that does inside. */
  async function redisPerRequest(name: SideName) {
    const side = running.find((each) => each.name === name)
    await control.config('RESETSTAT')
    await side?.run(REQUESTS)
    const stats = await control.info('commandstats')
    const calls = [...stats.matchAll(/cmdstat_(\w+):calls=(\d+)/g)].map(([, command, count]) => [
      command,
      Number(count),
    ])
    return Object.fromEntries(
      calls
        .filter(([, count]) => Number(count) > REQUESTS / 100)
        .map(([command, count]) => [command, Number(count) / REQUESTS]),
    ) as Record<string, number>
  }

  const bare = sides[0]?.measured ?? []
  const results = {
    machine: environment,
    measured: `${ROUNDS} rounds of ${REQUESTS} requests over ${CONNECTIONS} connections, ${USERS} users, sides in turn, in new processes each ${ROUNDS_OF_PROCESS} rounds, after ${WARM_UP} requests of warm-up`,
    sides: Object.fromEntries(
      sides.map(({ name, measured }) => [
        name,
        {
          cpu_us_per_request: spread(measured.map(({ side_cpu_us }) => side_cpu_us / REQUESTS)),
          cpu_to_bare: spread(measured.map(({ side_cpu_us }, i) => side_cpu_us / (bare[i]?.side_cpu_us ?? Number.NaN))),
          requests_per_second: spread(measured.map(({ per_second }) => per_second)),
          p50_ms: spread(measured.map(({ p50_ms }) => p50_ms)),
          p99_ms: spread(measured.map(({ p99_ms }) => p99_ms)),
        },
      ]),
    ),
    fluentmeet_to: Object.fromEntries(
      sides
        .filter(({ name }) => name !== 'fluentmeet')
        .map(({ name, measured }) => {
          const ours = sides.find((side) => side.name === 'fluentmeet')?.measured ?? []
          return [
            name,
            {
              cpu: spread(ours.map(({ side_cpu_us }, i) => side_cpu_us / (measured[i]?.side_cpu_us ?? Number.NaN))),
              throughput: spread(ours.map(({ per_second }, i) => per_second / (measured[i]?.per_second ?? Number.NaN))),
            },
          ]
        }),
    ),
    redis_commands_per_request: await redisPerRequest('fluentmeet'),
  }
  report('path', results)
} finally {
  await stand.close()
}
