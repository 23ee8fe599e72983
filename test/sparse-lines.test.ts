import t from 'tap'
import { createSparseLines } from '../sparse-lines.ts'

t.test('each subject has a line a second at the most, which says how many there were', async (t) => {
  let now = 0
  const timesToTell = createSparseLines(() => now)
  t.equal(timesToTell('ip:192.0.2.1'), 1, 'the first is told at once')
  for (let i = 0; i < 500; i++) t.equal(timesToTell('ip:192.0.2.1'), null)
  t.equal(timesToTell('ip:192.0.2.2'), 1, 'another subject is told of by itself')
  now = 1000
  t.equal(timesToTell('ip:192.0.2.1'), 501, 'the next line counts them')
  t.equal(timesToTell('ip:192.0.2.1'), null)
})
