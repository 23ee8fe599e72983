import { LOG_MAX, SUB_WINDOWS } from '../../sliding-window.ts'
import { CLOCK } from './clock.ts'

/**
 * Admits under every limit or none, and looks up a revocation.
 * KEYS: one of each limit, then the revocation's (when there is a session). ARGV: clock, then max and window (ms) of each limit.
 * Answers { admitted, index of the limit, remaining, reset (ms), revoked }.
 *
 * A log is a list of times. Counters are a hash: the sub-windows by number, `n` their sum, `o` the first that may hold something, `l`
 * the last. Times are whole microseconds, so nothing is rounded until the answer. When Redis's clock is set back, what is recorded
 * stays in order; what lies more than a window ahead is forgotten.
 */
export const ADMIT = `
${CLOCK}
local now = clock()
local count = (#ARGV - 1) / 2
local revoked = 0
if #KEYS > count then revoked = redis.call('EXISTS', KEYS[count + 1]) end
local admitted, picked, remaining, reset = 1, 0, math.huge, 0
local useds, firsts = {}, {}

for i = 1, count do
  local key, max, window = KEYS[i], tonumber(ARGV[2 * i]), ARGV[2 * i + 1] * 1000
  local used, frees
  if max <= ${LOG_MAX} then
    used = redis.call('LLEN', key)
    local oldest = used > 0 and tonumber(redis.call('LINDEX', key, 0))
    if oldest and oldest > now + window then
      redis.call('DEL', key)
      used = 0
    end
    while used > 0 and oldest + window <= now do
      redis.call('LPOP', key)
      used = used - 1
      if used > 0 then oldest = tonumber(redis.call('LINDEX', key, 0)) end
    end
    if used >= max then
      frees = redis.call('LINDEX', key, used - max) + window
    elseif used > 0 then
      frees = oldest + window
    else
      frees = now + window
    end
  else
    local length = math.ceil(window / 1000 / ${SUB_WINDOWS}) * 1000
    local current = math.floor(now / length)
    local known = redis.call('HMGET', key, 'n', 'o', 'l')
    used = tonumber(known[1] or 0)
    local first, last = tonumber(known[2] or current), tonumber(known[3] or current)
    if first > current + ${SUB_WINDOWS} then
      redis.call('DEL', key)
      used, first, last = 0, current, current
    end
    local alive = math.floor((now - window) / length)
    while used > 0 do
      local held = redis.call('HGET', key, first)
      if held and first >= alive then break end
      if held then
        used = used - held
        redis.call('HDEL', key, first)
      end
      first = first + 1
    end
    if used == 0 then first = math.max(current, last) end
    firsts[i] = first
    if used >= max then
      local left, index = used, first
      while left >= max do
        left = left - (redis.call('HGET', key, index) or 0)
        index = index + 1
      end
      frees = index * length + window
    else
      frees = (first + 1) * length + window
    end
  end
  useds[i] = used
  if used >= max then
    if admitted == 1 or frees - now > reset then picked, reset = i, frees - now end
    admitted, remaining = 0, 0
  elseif admitted == 1 and max - used - 1 < remaining then
    picked, remaining, reset = i, max - used - 1, frees - now
  end
end

if admitted == 1 then
  for i = 1, count do
    local key, max, window = KEYS[i], tonumber(ARGV[2 * i]), ARGV[2 * i + 1] * 1
    if max <= ${LOG_MAX} then
      local at = now
      if useds[i] > 0 then at = math.max(now, tonumber(redis.call('LINDEX', key, -1))) end
      redis.call('RPUSH', key, at)
      redis.call('PEXPIRE', key, window + 1)
    else
      local length = math.ceil(window / ${SUB_WINDOWS})
      local at = math.max(math.floor(now / length / 1000), firsts[i])
      redis.call('HINCRBY', key, at, 1)
      redis.call('HSET', key, 'n', useds[i] + 1, 'o', firsts[i], 'l', at)
      redis.call('PEXPIRE', key, window + length + 1)
    end
  end
end
return { admitted, picked, remaining, math.ceil(reset / 1000), revoked }
`
