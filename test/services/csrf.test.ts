import t from 'tap'
import { createCsrf } from '../../services/csrf.ts'

const csrf = createCsrf({ secretKey: 'a'.repeat(43), secretKeyPrevious: null })

t.test('a token is good for its own session only', async (t) => {
  const token = csrf.issue('one')
  t.equal(csrf.verify('one', token), true)
  t.equal(csrf.verify('other', token), false)
  t.not(csrf.issue('one'), token)
})

t.test('anything but an issued token is refused', async (t) => {
  const token = csrf.issue('one')
  const [nonce, mac] = token.split('.')
  for (const bad of [
    '',
    '.',
    'x',
    nonce ?? '',
    `${nonce}.`,
    `.${mac}`,
    `${token}x`,
    `${token}.`,
    `x${token}`,
    token.toUpperCase(),
  ])
    t.equal(csrf.verify('one', bad), false, bad)
})

t.test('a token outlives a change of the key while the previous one is known', async (t) => {
  const token = csrf.issue('one')
  const rotated = createCsrf({ secretKey: 'b'.repeat(43), secretKeyPrevious: 'a'.repeat(43) })
  t.equal(rotated.verify('one', token), true)
  t.equal(csrf.verify('one', rotated.issue('one')), false, 'new ones are made under the new key')
  t.equal(createCsrf({ secretKey: 'b'.repeat(43), secretKeyPrevious: null }).verify('one', token), false)
})
