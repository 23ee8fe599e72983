import t from 'tap'
import { countsOf, verdict } from '../../scripts/test/verdict.ts'

const counts = (changes = {}) => ({ passed: 3, failed: 0, skipped: 0, todo: 0, ...changes })

t.test('the counts are those of the closing line, not of one a test printed', async (t) => {
  const output = '# { total: 1, pass: 1 }\nok 1 - x\n# { total: 9, pass: 4, fail: 2, skip: 2, todo: 1 }\n# time=3ms\n'
  t.strictSame(countsOf(output), { passed: 4, failed: 2, skipped: 2, todo: 1 })
  t.equal(countsOf('ok 1 - x\n'), null)
})

t.test('a clean run is a success', async (t) => {
  t.strictSame(verdict({ counts: counts(), exitCode: 0, coverage: { lines: 90, required: 85 } }), {
    reasons: [],
    line: '3 passed, 0 failed',
  })
})

t.test('anything else is not', async (t) => {
  const runs = [
    { counts: counts({ failed: 1 }), exitCode: 1, coverage: null },
    { counts: counts({ skipped: 1 }), exitCode: 0, coverage: null },
    { counts: counts({ todo: 1 }), exitCode: 0, coverage: null },
    { counts: counts({ passed: 0 }), exitCode: 0, coverage: null },
    { counts: null, exitCode: 0, coverage: null },
    { counts: counts(), exitCode: 1, coverage: null },
    { counts: counts(), exitCode: null, coverage: null },
    { counts: counts(), exitCode: 0, coverage: { lines: 84.9, required: 85 } },
    { counts: counts(), exitCode: 0, coverage: { lines: Number.NaN, required: 85 } },
  ]
  for (const run of runs) t.equal(verdict(run).reasons.length, 1, JSON.stringify(run))
})

t.test('skipped tests are in the closing line', async (t) => {
  t.equal(
    verdict({ counts: counts({ skipped: 1, todo: 1 }), exitCode: 0, coverage: null }).line,
    '3 passed, 0 failed, 2 skipped',
  )
})
