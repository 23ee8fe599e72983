import { randomUUID } from 'node:crypto'
import t from 'tap'
import { MAX_SHARED_BYTES } from '../../state/shared-cache.ts'
import { startRedis } from '../support/redis.ts'
import { openRedisState, twins, until } from '../support/states.ts'

for (const twin of twins(t)) {
  t.test(twin.name, async (t) => {
    t.test('a value is known for its time, byte by byte', async (t) => {
      const { sharedCache } = await twin.open(t)
      const [key, brief] = [randomUUID(), randomUUID()]
      const value = Buffer.from([0, 255, 10, 13, 128])
      t.equal(await sharedCache.get(key), null)
      await sharedCache.set(key, value, 60_000)
      await sharedCache.set(brief, value, 1)
      t.same(await sharedCache.get(key), value)
      await until(async () => (await sharedCache.get(brief)) === null)
    })

    t.test('a value that is too large is not kept', async (t) => {
      const { sharedCache } = await twin.open(t)
      const key = randomUUID()
      await sharedCache.set(key, Buffer.alloc(MAX_SHARED_BYTES + 1), 60_000)
      t.equal(await sharedCache.get(key), null)
      await sharedCache.set(key, Buffer.alloc(MAX_SHARED_BYTES), 60_000)
      t.equal((await sharedCache.get(key))?.length, MAX_SHARED_BYTES)
    })
  })
}

t.test('with Redis gone nothing is known, and nobody is told of an error', async (t) => {
  const redis = await startRedis(t)
  const { sharedCache } = await openRedisState(t, redis.url)
  await sharedCache.set('key', Buffer.from('value'), 60_000)
  await redis.kill()
  t.equal(await sharedCache.get('key'), null)
  await sharedCache.set('key', Buffer.from('value'), 60_000)
})
