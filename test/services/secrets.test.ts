import t from 'tap'
import { hashSecret, isSecret, newSecret, seal, unseal } from '../../services/secrets.ts'

t.test('a secret has 256 random bits and is known by its shape', async (t) => {
  t.equal(Buffer.from(newSecret(), 'base64url').length, 32)
  t.not(newSecret(), newSecret())
  t.equal(isSecret(newSecret()), true)
  for (const other of ['', 'x', `${newSecret()}x`, `${newSecret().slice(1)}!`]) t.equal(isSecret(other), false, other)
  t.notMatch(hashSecret('abc'), 'abc')
})

t.test('a sealed secret opens under the one it was sealed under only', async (t) => {
  const [secret, key] = [newSecret(), newSecret()]
  const sealed = seal(secret, key)
  t.equal(unseal(sealed, key), secret)
  t.throws(() => unseal(sealed, newSecret()))
  t.throws(() => unseal(`${sealed.slice(0, -4)}AAAA`, key))
  t.not(seal(secret, key), sealed)
})

t.test('a seal opens for its own use only', async (t) => {
  const key = newSecret()
  const use = { purpose: 'totp', context: 'one' } as const
  const sealed = seal('text', key, use)
  t.equal(unseal(sealed, key, use), 'text')
  t.throws(() => unseal(sealed, key, { ...use, context: 'other' }))
  t.throws(() => unseal(sealed, key, { purpose: 'refresh-successor', context: 'one' }))
  t.throws(() => unseal(sealed.slice(0, 20), key, use))
})
