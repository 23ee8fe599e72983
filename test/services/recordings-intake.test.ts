import t from 'tap'
import { createIntakes } from '../../services/recordings/intake.ts'

const limits = { maxFile: 100, maxSender: 150, maxTotal: 300 }
const piece = (bytes: number) => Buffer.alloc(bytes)

t.test('a file comes in pieces, up to its size', (t) => {
  const file = createIntakes(limits)('ana')
  file.add(Buffer.from('a'))
  file.add(Buffer.from('b'))
  t.equal(file.bytes().toString(), 'ab')
  t.throws(() => file.add(piece(99)), { code: 'PAYLOAD_TOO_LARGE' })
  t.end()
})

t.test('one sender leaves room for the others, and has its own again when it is released', (t) => {
  const open = createIntakes(limits)
  const [one, two] = [open('ana'), open('ana')]
  one.add(piece(100))
  t.throws(() => two.add(piece(51)), { code: 'RATE_LIMIT_EXCEEDED', headers: { 'retry-after': '5' } })
  two.add(piece(50))
  const [other, third] = [open('ben'), open('eva')]
  other.add(piece(100))
  third.add(piece(50))
  t.throws(() => third.add(piece(1)), { code: 'PROVIDER_UNAVAILABLE' }, 'all together hold no more')
  one.release()
  one.release()
  third.add(piece(50))
  two.add(piece(50))
  t.end()
})
