import t from 'tap'
import { createListenedLanguages } from '../../realtime/listened-languages.ts'

/** A presence whose answers the test gives, one after the other. */
function open() {
  const asked: { roomId: string; answer: PromiseWithResolvers<string[]> }[] = []
  const state = { isUp: true }
  const listened = createListenedLanguages({
    presence: {
      listening(roomId) {
        const answer = Promise.withResolvers<string[]>()
        asked.push({ roomId, answer })
        return answer.promise
      },
    },
    status: () => (state.isUp ? 'up' : 'down'),
  })
  return { listened, asked, state }
}

t.test('what a room listens to is asked once, until something changes', async (t) => {
  const { listened, asked } = open()
  const [first, second] = [listened.listening('a'), listened.listening('a')]
  asked[0]?.answer.resolve(['es'])
  t.strictSame(await Promise.all([first, second]), [['es'], ['es']])
  t.strictSame(await listened.listening('a'), ['es'])
  t.equal(asked.length, 1)
  listened.forget('b')
  await listened.listening('a')
  t.equal(asked.length, 1, 'another room is another room')
  listened.forget('a')
  const anew = listened.listening('a')
  asked[1]?.answer.resolve(['fr'])
  t.strictSame(await anew, ['fr'])
})

t.test('an answer that was under way when something changed is not remembered', async (t) => {
  const { listened, asked } = open()
  const early = listened.listening('a')
  listened.forget('a')
  const late = listened.listening('a')
  asked[0]?.answer.resolve(['es'])
  asked[1]?.answer.resolve(['es', 'fr'])
  t.strictSame(await early, ['es'])
  t.strictSame(await late, ['es', 'fr'])
  t.strictSame(await listened.listening('a'), ['es', 'fr'])
})

t.test('a failure is not remembered', async (t) => {
  const { listened, asked } = open()
  const failing = t.rejects(listened.listening('a'), { message: 'gone' })
  asked[0]?.answer.reject(new Error('gone'))
  await failing
  const again = listened.listening('a')
  asked[1]?.answer.resolve(['es'])
  t.strictSame(await again, ['es'])
})

t.test('what is remembered does not hide that Redis is away', async (t) => {
  const { listened, asked, state } = open()
  const first = listened.listening('a')
  asked[0]?.answer.resolve(['es'])
  await first
  state.isUp = false
  const failing = t.rejects(listened.listening('a'), { message: 'away' })
  asked[1]?.answer.reject(new Error('away'))
  await failing
})
