import t from 'tap'
import { coalesce } from '../../realtime/coalesce.ts'

/** Work that the test ends. */
function open() {
  const runs: { key: string; answer: PromiseWithResolvers<number> }[] = []
  const call = coalesce((key) => {
    const answer = Promise.withResolvers<number>()
    runs.push({ key, answer })
    return answer.promise
  })
  return { call, runs }
}

t.test('who calls while one is under way shares the next, which begins after it', async (t) => {
  const { call, runs } = open()
  const first = call('a')
  const others = [call('a'), call('a')]
  t.equal(runs.length, 1)
  runs[0]?.answer.resolve(1)
  t.equal(await first, 1)
  t.equal(runs.length, 2)
  const late = call('a')
  runs[1]?.answer.resolve(2)
  t.strictSame(await Promise.all(others), [2, 2])
  runs[2]?.answer.resolve(3)
  t.equal(await late, 3)
  t.equal(runs.length, 3)
})

t.test('keys do not wait for one another', (t) => {
  const { call, runs } = open()
  void call('a')
  void call('b')
  t.strictSame(
    runs.map(({ key }) => key),
    ['a', 'b'],
  )
  t.end()
})

t.test('a failure is of those who shared it alone', async (t) => {
  const { call, runs } = open()
  const failing = t.rejects(call('a'), { message: 'gone' })
  const next = call('a')
  runs[0]?.answer.reject(new Error('gone'))
  await failing
  runs[1]?.answer.resolve(1)
  t.equal(await next, 1)
})
