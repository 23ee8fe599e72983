import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '../test/support/postgres.ts'
import { setup } from './setup.ts'
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

const ends: (() => Promise<void> | void)[] = []
const scratch = mkdtempSync(join(tmpdir(), 'fluentmeet-test-'))
ends.push(() => rmSync(scratch, { recursive: true, force: true }))

try {
  process.exitCode = await run()
} finally {
  for (const end of ends.reverse()) await end()
}

/** Runs tap beside one PostgreSQL that all test files share; the exit code. */
async function run(): Promise<number> {
  const postgres = await startPostgres({ teardown: (end) => ends.push(end) })
  const output = join(scratch, 'output.tap')
  const coverage = everything ? ['--coverage-report=json-summary'] : ['--disable-coverage']
  // Without a terminal tap's progress would be printed again and again: CI is how it is told not to.
  const quiet = process.stdout.isTTY ? {} : { CI: 'true' }
  const child = spawn(
    join(root, 'node_modules', '.bin', 'tap'),
    ['run', '--reporter=terse', `--output-file=${output}`, ...coverage, ...args],
    { cwd: root, stdio: 'inherit', env: { ...process.env, ...quiet, TEST_DATABASE_URL: postgres.url } },
  )
  // A signal goes to tap, which ends its tests; what was started here is ended after it.
  const forward = (signal: NodeJS.Signals) => child.kill(signal)
  process.on('SIGINT', forward).on('SIGTERM', forward)
  const [exitCode] = (await once(child, 'close')) as [number | null]
  const { reasons, line } = verdict({
    counts: countsOf(read(output)),
    exitCode,
    coverage: everything ? { lines: coveredLines(), required: REQUIRED_COVERAGE } : null,
  })
  for (const reason of reasons) console.error(reason)
  console.log(line)
  return reasons.length === 0 ? 0 : 1
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
