import fc from 'fast-check'
import t from 'tap'
import { likeOriginal, splitSentences, withFinalStop } from '../../../pipeline/apertium/sentences.ts'

t.test('a text is split into sentences, never across lines', async (t) => {
  const sentences = splitSentences('Hello there. How are you?\nFine  \r\nBye', 'en').filter(
    (piece) => piece.translatable,
  )
  t.strictSame(
    sentences.map((piece) => piece.text),
    ['Hello there.', 'How are you?', 'Fine', 'Bye'],
  )
})

t.test('what has no letter is passed on', async (t) => {
  for (const text of ['...', '😀', '2026', ' ', '\n\n']) {
    t.notOk(splitSentences(text, 'en').some((piece) => piece.translatable))
  }
})

t.test('the pieces of any text joined are that text', async (t) => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.array(fc.constantFrom('A b.', ' ', '\n', '\r\n', '?!', '😀', '\t')),
      (a, b) => {
        const text = a + b.join('') + a
        return (
          splitSentences(text, 'en')
            .map((piece) => piece.text)
            .join('') === text
        )
      },
    ),
  )
  t.pass()
})

t.test('a full stop is added only where no final punctuation is', async (t) => {
  t.equal(withFinalStop('Hello'), 'Hello.')
  t.equal(withFinalStop('Hello 😀'), 'Hello 😀.')
  t.equal(withFinalStop('Hello?'), 'Hello?')
})

t.test('a translation ends and begins like its original', async (t) => {
  t.equal(likeOriginal('Hola.', 'Hello'), 'Hola')
  t.equal(likeOriginal('Hola (mundo).', 'Hello (world)'), 'Hola (mundo)')
  t.equal(likeOriginal('hola?', 'Hello?!'), 'Hola?!')
  t.equal(likeOriginal('hola', 'hello...'), 'hola...')
  t.equal(likeOriginal('¿estás?', 'Are you?'), '¿Estás?')
})
