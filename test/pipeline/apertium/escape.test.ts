import fc from 'fast-check'
import t from 'tap'
import { escapeText, unescapeText } from '../../../pipeline/apertium/escape.ts'

t.test('reserved characters are escaped, NULs go, line breaks become spaces', async (t) => {
  t.equal(escapeText('a\\[b]{c}^d$/e@f<g>'), 'a\\\\\\[b\\]\\{c\\}\\^d\\$\\/e\\@f\\<g\\>')
  t.equal(escapeText('a\0b\r\nc\u2028d'), 'ab c d')
})

t.test('blanks of the stream are dropped and spaces collapsed', async (t) => {
  t.equal(unescapeText(' Hola  \\[tú\\] [[t:b:1]]\\\\.[]'), 'Hola [tú] \\.')
})

t.test('whatever a text holds, it comes back and holds no NUL or line break on the way', async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const stream = escapeText(text)
      const plain = text
        .toWellFormed()
        .replaceAll('\0', '')
        .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
      return !/[\0\r\n]/.test(stream) && unescapeText(`${stream}[]`) === plain.replace(/\s+/gu, ' ').trim()
    }),
  )
  t.pass()
})
