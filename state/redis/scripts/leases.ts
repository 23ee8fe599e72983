import { CLOCK } from './clock.ts'

/** KEYS: the sorted set of leases by their end. ARGV: clock, lease (ms), connection, max. Answers 1 when the lease is held. */
export const ACQUIRE = `
${CLOCK}
local now = math.floor(clock() / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if not redis.call('ZSCORE', KEYS[1], ARGV[3]) and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[4]) then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
`

/** KEYS as above. ARGV: clock, lease (ms), then connections. */
export const RENEW = `
${CLOCK}
local now = math.floor(clock() / 1000)
for i = 3, #ARGV do redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[i]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
`
