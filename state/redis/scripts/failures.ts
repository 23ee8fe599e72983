import { CLOCK } from './clock.ts'

/** KEYS: the list of times. ARGV: clock, max, window (ms). Answers how long to wait (ms), 0 when the try was counted and may go on. */
export const ATTEMPT = `
${CLOCK}
local now, key, max, window = clock(), KEYS[1], tonumber(ARGV[2]), ARGV[3] * 1000
local count = redis.call('LLEN', key)
if count >= max then
  local wait = redis.call('LINDEX', key, -1) + window - now
  if wait > 0 then return math.ceil(math.min(wait, window) / 1000) end
  redis.call('DEL', key)
  count = 0
end
while count > 0 and redis.call('LINDEX', key, 0) + window <= now do
  redis.call('LPOP', key)
  count = count - 1
end
redis.call('RPUSH', key, now)
redis.call('PEXPIRE', key, window / 1000 + 1)
return 0
`
