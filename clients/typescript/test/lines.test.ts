import t from 'tap'
import { createLines, type Line } from '../src/socket/lines.ts'

t.test('lines are said one after the other, and again until they are heard', async (t) => {
  const sent: string[] = []
  let isOnline = false
  let told: readonly Line[] = []
  const lines = createLines(
    ({ text }) => isOnline && sent.push(text),
    (waiting) => {
      told = waiting
    },
  )
  const first = lines.say('one')
  const second = lines.say('two')
  t.strictSame(sent, [])
  isOnline = true
  lines.utter()
  t.strictSame(sent, ['one'])
  t.equal(lines.remove('somebody else’s'), null)
  lines.utter()
  lines.remove(first?.id ?? '')
  t.strictSame(sent, ['one', 'one', 'two'])
  t.strictSame(told, [second])
  t.equal(lines.remove(second?.id ?? ''), second)
  t.strictSame(told, [])
})

t.test('what waits is bounded', async (t) => {
  const lines = createLines(
    () => false,
    () => {},
  )
  for (let i = 0; i < 50; i++) t.ok(lines.say('more'))
  t.equal(lines.say('too much'), null)
  t.equal(lines.waiting.length, 50)
  t.equal(new Set(lines.waiting.map(({ id }) => id)).size, 50)
})
