import fc from 'fast-check'
import t from 'tap'
import { createKeyAuthentication } from '../../services/api-keys/authentication.ts'
import { isKey, newKey, prefixOf } from '../../services/api-keys/key-text.ts'
import { canonicalNetwork, createNetworkCheck } from '../../services/api-keys/networks.ts'

t.test('a key is one word with a known beginning, and no two are the same', async (t) => {
  const keys = Array.from({ length: 200 }, newKey)
  t.equal(new Set(keys).size, keys.length)
  for (const key of keys) {
    t.match(key, /^fm_live_[0-9A-Za-z]{49}$/)
    t.ok(isKey(key))
    t.ok(key.startsWith(prefixOf(key)))
  }
  t.equal(prefixOf(keys[0] ?? '').length, 12)
})

t.test('a key with any one character changed, cut or added is no key', async (t) => {
  const key = newKey()
  fc.assert(
    fc.property(fc.nat(key.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, char) => {
      if (char === key[at]) return
      t.notOk(isKey(key.slice(0, at) + char + key.slice(at + 1)))
      t.notOk(isKey(key.slice(0, at) + key.slice(at + 1)))
      t.notOk(isKey(key.slice(0, at) + char + key.slice(at)))
    }),
  )
  for (const odd of ['', 'fm_live_', `${key}\n`, ` ${key}`, key.toUpperCase(), key.replace('live', 'test')])
    t.notOk(isKey(odd), odd)
})

t.test('of many unknown keys at once fifty are asked for, and the rest may come back', async (t) => {
  const gate = Promise.withResolvers<null>()
  const { lookUp } = createKeyAuthentication({ apiKeys: { findByHash: () => gate.promise }, now: () => new Date() })
  const keys = Array.from({ length: 50 }, newKey)
  const asking = keys.map((key) => lookUp(key, '127.0.0.1'))
  await t.rejects(lookUp(newKey(), '127.0.0.1'), { code: 'SERVICE_UNAVAILABLE', headers: { 'retry-after': '1' } })
  const again = lookUp(keys[0] ?? '', '127.0.0.1')
  gate.resolve(null)
  for (const { error } of await Promise.all([...asking, again])) t.equal(error?.code, 'UNAUTHENTICATED')
  t.match(await lookUp(newKey(), '127.0.0.1'), { error: { code: 'UNAUTHENTICATED' } })
})

t.test('networks have one form', async (t) => {
  const forms: Record<string, string | null> = {
    '203.0.113.0/24': '203.0.113.0/24',
    '203.0.113.77/24': '203.0.113.0/24',
    '203.0.113.7': '203.0.113.7/32',
    '0.0.0.0/0': '0.0.0.0/0',
    '2001:DB8:0::1/32': '2001:db8::/32',
    '2001:db8::1': '2001:db8::1/128',
    '::ffff:203.0.113.9/120': '203.0.113.0/24',
    '::ffff:203.0.113.9': '203.0.113.9/32',
    '::ffff:0:0/95': null,
    '203.0.113.0/33': null,
    '2001:db8::/129': null,
    '203.0.113.0/': null,
    '203.0.113.0/-1': null,
    '203.0.113.0/24/8': null,
    '203.0.113.0/0x8': null,
    '203.0.113/24': null,
    '010.0.0.1': null,
    '3405803777': null,
    'fe80::1%eth0': null,
    'example.org': null,
    '': null,
  }
  for (const [given, form] of Object.entries(forms)) t.equal(canonicalNetwork(given), form, given)
})

t.test('an address is inside its networks, however it is written', async (t) => {
  const isAllowed = createNetworkCheck(['203.0.113.0/24', '2001:db8:1::/48'])
  for (const address of ['203.0.113.0', '203.0.113.255', '::ffff:203.0.113.9', '2001:db8:1::5'])
    t.ok(isAllowed(address))
  for (const address of ['203.0.114.0', '::ffff:198.51.100.1', '2001:db8:2::5', '::cb00:7109', 'unknown', ''])
    t.notOk(isAllowed(address), address)
  t.ok(createNetworkCheck([])('anything'), 'none named: from anywhere')
  t.notOk(createNetworkCheck(['::/0'])('203.0.113.1'), 'all of IPv6 is not IPv4')
})
