import t from 'tap'
import { createDigest } from '../../scripts/test/digest.ts'

t.test('files that pass take a line, failures come with their details', async (t) => {
  const output = `TAP version 14
# Subtest: test/a.test.ts
    ok 1 - fine
    1..1
ok 1 - test/a.test.ts # time=3ms
    # Subtest: adds
        not ok 1 - should be equal
          ---
          diff: |
            ok 7 - not a result
          ...
        ok 2 - fine
    not ok 1 - adds
not ok 2 - test/b.test.ts
  ---
  exitCode: 1
  ...
1..2
# { total: 3, pass: 2, fail: 1 }`
  t.equal(
    output.split('\n').filter(createDigest()).join('\n'),
    `ok 1 - test/a.test.ts # time=3ms
        not ok 1 - should be equal
          ---
          diff: |
            ok 7 - not a result
          ...
    not ok 1 - adds
not ok 2 - test/b.test.ts
  ---
  exitCode: 1
  ...`,
  )
})
