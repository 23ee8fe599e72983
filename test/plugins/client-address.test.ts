import t from 'tap'
import { addressGroup, isLoopback, normaliseAddress } from '../../plugins/client-address.ts'

t.test('an address is written one way', async (t) => {
  t.equal(normaliseAddress('192.0.2.1'), '192.0.2.1')
  t.equal(normaliseAddress('::ffff:192.0.2.1'), '192.0.2.1')
  t.equal(normaliseAddress('::FFFF:C000:0201'), '192.0.2.1')
  t.equal(normaliseAddress('2001:DB8:0:0::1'), '2001:db8::1')
  for (const none of [undefined, '', 'x', '1.2.3', '1.2.3.4\n5']) t.equal(normaliseAddress(none), 'unknown')
})

t.test('an IPv6 customer is its /64', async (t) => {
  t.equal(addressGroup('192.0.2.1'), '192.0.2.1')
  t.equal(addressGroup('::ffff:192.0.2.1'), '192.0.2.1')
  t.equal(addressGroup('2001:db8:1:2:3:4:5:6'), addressGroup('2001:db8:1:2::'))
  t.not(addressGroup('2001:db8:1:2::'), addressGroup('2001:db8:1:3::'))
  t.equal(addressGroup('fe80::1%eth0'), addressGroup('fe80::2'))
  t.equal(addressGroup(undefined), 'unknown')
})

t.test('loopback is told from the rest', async (t) => {
  for (const own of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) t.ok(isLoopback(own), own)
  for (const other of ['192.0.2.1', '::2', undefined, 'x']) t.notOk(isLoopback(other))
})
