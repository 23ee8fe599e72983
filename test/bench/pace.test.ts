import t from 'tap'
import { createPace } from '../../bench/pace.ts'

t.test('requests are due evenly, and those behind their time at once', async (t) => {
  const { waitFor, since } = createPace(100, 1_000)
  t.equal(waitFor(0, 1_000), 0)
  t.equal(waitFor(5, 1_000), 50)
  t.equal(waitFor(5, 1_049.5), 0, 'timers are no more exact than that')
  t.equal(waitFor(5, 1_300), 0)
  t.equal(since(5, 1_300), 1_050, 'what kept it is part of its time')
  t.equal(since(5, 1_049.5), 1_049.5, 'a time never begins before its request')
})

t.test('without a pace nothing waits, and times count from the request', async (t) => {
  const { waitFor, since } = createPace(Number.POSITIVE_INFINITY, 1_000)
  t.equal(waitFor(100_000, 1_000), 0)
  t.equal(since(100_000, 5_000), 5_000)
})
