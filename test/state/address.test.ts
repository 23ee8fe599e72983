import t from 'tap'
import { readRedisUrl } from '../../state/redis/address.ts'

t.test('one server keeps its address as it was written', async (t) => {
  for (const url of [
    'redis://localhost',
    'rediss://user:p%40ss@Redis.example.org:6390/3?family=6',
    'redis://:a,b@[::1]:7000',
    'redis://:a@b@host',
  ]) {
    const address = readRedisUrl(url)
    const [server = ''] = address?.servers ?? []
    t.equal(address?.urlOf(server), url)
  }
})

t.test(
  'several servers share credentials, TLS and options, and other servers of the cluster get them too',
  async (t) => {
    const address = readRedisUrl('rediss://me:secret@a:7000,B,[2001:db8::1]:7002/0?connectTimeout=1000')
    t.strictSame(address?.servers, ['a:7000', 'b:6379', '[2001:db8::1]:7002'])
    t.equal(address?.urlOf('10.0.0.1:7003'), 'rediss://me:secret@10.0.0.1:7003?connectTimeout=1000')
    t.strictSame(readRedisUrl('redis://a,a:6379')?.servers, ['a:6379'])
  },
)

t.test('what a lone server leads to gets its credentials, but not its database', async (t) => {
  t.equal(
    readRedisUrl('redis://:secret@cluster.example.org/0')?.urlOf('10.0.0.1:7000'),
    'redis://:secret@10.0.0.1:7000',
  )
})

t.test('anything else is no address', async (t) => {
  for (const url of [
    '',
    'a:7000',
    'http://a',
    'redis://',
    'redis://a,',
    'redis://a b',
    'redis://a:0',
    'redis://a:70000',
    'redis://a:7000,b:x',
    'redis://a,b/1',
    'redis://a,redis://b',
  ])
    t.equal(readRedisUrl(url), null, url)
})
