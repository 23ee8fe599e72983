import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { startPostgres } from '../test/support/postgres.ts'
import { buildWebIfStale } from './build-web.ts'
import { setup } from './setup.ts'
import { initialisedDataFolder } from './test/data-folder.ts'
import { createDigest } from './test/digest.ts'
import { countsOf, verdict } from './test/verdict.ts'

// `npm test`: sets up what the tests need, runs them all (or the files it is given), closes with the count.

const SETUP_TIMEOUT_MS = 900_000
/** What is left out is mostly what only a broken machine reaches: failed installations, forced ends. */
const REQUIRED_COVERAGE = 85

const root = join(import.meta.dirname, '..')
const args = process.argv.slice(2)
const everything = args.length === 0

const missing = await setup({ what: 'tests', timeoutMs: SETUP_TIMEOUT_MS })
if (missing !== null) {
  console.error(missing)
  process.exit(1)
}

await buildWebIfStale()

const ends: (() => Promise<void> | void)[] = []
const scratch = mkdtempSync(join(tmpdir(), 'fluentmeet-test-'))
ends.push(() => rmSync(scratch, { recursive: true, force: true }))

try {
  process.exitCode = await run()
} finally {
  for (const end of ends.reverse()) await end()
}

/** Runs tap beside one PostgreSQL that all test files share, with an initialised data folder to copy; the exit code. */
async function run(): Promise<number> {
  const postgres = await startPostgres({ teardown: (end) => ends.push(end) })
  const dataFolder = await initialisedDataFolder(root, scratch)
  const coverage = everything ? ['--coverage-report=json-summary'] : ['--disable-coverage']
  // Without a terminal tap's live picture would be printed again and again: a digest is printed in its place.
  // (tap writes every line twice when its TAP goes to both a file and a pipe, so it is one or the other.)
  const live = process.stdout.isTTY === true
  const file = join(scratch, 'output.tap')
  const reporter = live ? ['--reporter=terse', `--output-file=${file}`] : ['--reporter=tap']
  const child = spawn(join(root, 'node_modules', '.bin', 'tap'), ['run', ...reporter, ...coverage, ...args], {
    cwd: root,
    stdio: ['inherit', live ? 'inherit' : 'pipe', 'inherit'],
    env: { ...process.env, TEST_DATABASE_URL: postgres.url, TEST_DATA_FOLDER: dataFolder },
  })
  const printed = child.stdout ? printDigest(child.stdout) : null
  // A signal goes to tap, which ends its tests; what was started here is ended after it.
  const forward = (signal: NodeJS.Signals) => child.kill(signal)
  process.on('SIGINT', forward).on('SIGTERM', forward)
  const [exitCode] = (await once(child, 'close')) as [number | null]
  const { reasons, line } = verdict({
    counts: countsOf(printed ? printed() : read(file)),
    exitCode,
    coverage: everything ? { lines: coveredLines(), required: REQUIRED_COVERAGE } : null,
  })
  for (const reason of reasons) console.error(reason)
  console.log(line)
  return reasons.length === 0 ? 0 : 1
}

/** Prints what of tap's output matters; gives all of it. */
function printDigest(output: Readable): () => string {
  const worthPrinting = createDigest()
  const lines: string[] = []
  createInterface({ input: output }).on('line', (line) => {
    lines.push(line)
    if (worthPrinting(line)) console.log(line)
  })
  return () => lines.join('\n')
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Percent of the project's own lines that ran, as tap reported it; 0 without a report. */
function coveredLines(): number {
  const report = read(join(root, '.tap', 'report', 'coverage-summary.json'))
  return report === '' ? 0 : Number(JSON.parse(report).total.lines.pct)
}
