import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { modelsFolder } from '../scripts/setup/models.ts'
import { machine } from './machine.ts'
import { report, spread } from './stand.ts'
import { descendants, residentMemory } from './start/memory.ts'
import { startProgram } from './start/server.ts'

// `npm run bench:start`: from `node server.ts` to the first 200, as it is without any setting (the embedded database, no Redis, the
// engines that are there), started once before; and what it keeps in memory when nobody asks it anything. Beside it Fastify with one
// route, in turn, round after round. A report, not a test.

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 7)
const REST_MS = 5_000
const BARE = 'bench/start/bare-fastify.js'
/** What the server says it can do, one line each. */
const ENGINES = /^ {2}(transcription|translation|speech) +(.+)$/gm

interface Measured {
  readonly ms: number
  readonly bytes: number
  readonly helpers: number
  readonly helper_bytes: number
}

const environment = machine()
const dataDir = mkdtempSync(join(tmpdir(), 'fluentmeet-bench-'))
const settings = { DATA_DIR: dataDir, MODELS_DIR: modelsFolder() }

try {
  const first = await startProgram('server.ts', settings, dataDir)
  const engines = Object.fromEntries([...first.said().matchAll(ENGINES)].map(([, stage, what]) => [stage, short(what)]))
  await first.end()

  const sides = { fluentmeet: [] as Measured[], bare: [] as Measured[] }
  for (let round = 0; round < ROUNDS; round++) {
    sides.fluentmeet.push(await measure('server.ts', settings))
    sides.bare.push(await measure(BARE, {}))
    console.error(`round ${round + 1} of ${ROUNDS}`)
  }

  const of = (measured: readonly Measured[], name: keyof Measured) => measured.map((each) => each[name])
  const ratio = (name: keyof Measured) =>
    spread(sides.fluentmeet.map((each, i) => each[name] / (sides.bare[i]?.[name] ?? Number.NaN)))
  report('start', {
    machine: environment,
    measured: `${ROUNDS} rounds in turn: from the start of the process to the first 200 of /health, asked each 5 ms, with an embedded database that is there; resident memory ${REST_MS / 1000} s later, and that of the processes it has started`,
    engines,
    sides: Object.fromEntries(
      Object.entries(sides).map(([name, measured]) => [
        name,
        {
          first_answer_ms: spread(of(measured, 'ms')),
          resident_bytes: spread(of(measured, 'bytes')),
          processes_started: spread(of(measured, 'helpers')),
          their_resident_bytes: spread(of(measured, 'helper_bytes')),
        },
      ]),
    ),
    fluentmeet_to: { bare: { first_answer: ratio('ms'), resident: ratio('bytes') } },
  })
} finally {
  rmSync(dataDir, { recursive: true, force: true })
}

async function measure(file: string, given: Readonly<Record<string, string>>): Promise<Measured> {
  const { pid, ms, end } = await startProgram(file, given, dataDir)
  try {
    await sleep(REST_MS)
    const helpers = descendants(pid)
    const helper_bytes = helpers.map(residentMemory).reduce((sum, bytes) => sum + bytes, 0)
    return { ms, bytes: residentMemory(pid), helpers: helpers.length, helper_bytes }
  } finally {
    await end()
  }
}

/** Lists of languages are long. */
function short(what = ''): string {
  return /^(no engine|\S+: \d+ directions)/.exec(what)?.[0] ?? `${what.split(', ').length} languages`
}
