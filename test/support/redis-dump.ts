import { Redis } from 'ioredis'

/** Everything that a Redis holds: a text for each key, each field of a hash, each member and each entry of a stream. */
export async function dumpRedis(url: string): Promise<string[]> {
  const redis = new Redis(url)
  try {
    const texts: string[] = []
    for (const key of await redis.keys('*')) texts.push(key, ...(await partsOf(redis, key)))
    return texts
  } finally {
    redis.disconnect()
  }
}

async function partsOf(redis: Redis, key: string): Promise<string[]> {
  switch (await redis.type(key)) {
    case 'string':
      return [(await redis.get(key)) ?? '']
    case 'hash':
      return Object.entries(await redis.hgetall(key)).map((pair) => pair.join(' '))
    case 'stream':
      return (await redis.xrange(key, '-', '+')).map((entry) => entry.flat().join(' '))
    case 'set':
      return redis.smembers(key)
    case 'zset':
      return redis.zrange(key, '0', '-1')
    default:
      return redis.lrange(key, '0', '-1')
  }
}
