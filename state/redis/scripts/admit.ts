import { LOG_MAX, SUB_WINDOWS } from '../../sliding-window.ts'
import { CLOCK } from './clock.ts'

/**
 * Takes one admission after another, and each under all of its limits or none; looks up whether its session is revoked.
 * KEYS: for each admission one of each limit, then the revocation's (when there is a session). ARGV: clock, then one text of numbers: for
 * each admission how many limits, 1 with a session, and max and window (ms) of each limit.
 * Answers five numbers for each, as one text: admitted, index of the limit, remaining, reset (ms), revoked. Numbers of their own cost a
 * client more to send and to read.
 *
 * A log is a list of times. Counters are a hash: the sub-windows by number, `n` their sum, `o` the first that holds something, `l`
 * the last. Times are whole microseconds, so nothing is rounded until the answer. When Redis's clock is set back, what is recorded
 * stays in order; what lies more than a window ahead is forgotten.
 */
export const ADMIT = `
${CLOCK}
local now = clock()

-- How many a log holds, and when one more would be admitted.
local function readLog(key, max, window)
  local used = redis.call('LLEN', key)
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
  if used >= max then return used, redis.call('LINDEX', key, used - max) + window end
  return used, (used > 0 and oldest or now) + window
end

-- The same of counters, and what a write needs: the number of this sub-window, what it holds, the first and the last.
local function readCounters(key, max, window)
  local length = math.ceil(window / 1000 / ${SUB_WINDOWS}) * 1000
  local current = math.floor(now / length)
  local known = redis.call('HMGET', key, 'n', 'o', 'l', current)
  local used = tonumber(known[1] or 0)
  local first, last, held = tonumber(known[2] or current), tonumber(known[3] or -1), tonumber(known[4] or 0)
  if first > current + ${SUB_WINDOWS} then
    redis.call('DEL', key)
    used, first, last, held = 0, current, -1, 0
  end
  local alive = math.floor((now - window) / length)
  if first < alive then
    while used > 0 do
      local count = redis.call('HGET', key, first)
      if count and first >= alive then break end
      if count then
        used = used - count
        redis.call('HDEL', key, first)
      end
      first = first + 1
    end
  end
  if used == 0 then first = math.max(current, last) end
  local frees = (first + 1) * length + window
  if used >= max then
    local left, index = used, first
    while left >= max do
      left = left - (redis.call('HGET', key, index) or 0)
      index = index + 1
    end
    frees = index * length + window
  end
  return used, frees, { current = current, held = held, first = first, last = last, length = length }
end

local function addToLog(key, window, used)
  local at = now
  if used > 0 then at = math.max(now, tonumber(redis.call('LINDEX', key, -1))) end
  redis.call('RPUSH', key, at)
  redis.call('PEXPIRE', key, window / 1000 + 1)
end

local function addToCounters(key, window, used, known)
  local at = math.max(known.current, known.first)
  local held = known.held
  if at ~= known.current then held = tonumber(redis.call('HGET', key, at) or 0) end
  redis.call('HSET', key, 'n', used + 1, 'o', known.first, 'l', at, at, held + 1)
  -- What the sub-window's first asked for lasts for all of it.
  if at ~= known.last then redis.call('PEXPIRE', key, (window + known.length) / 1000 + 1) end
end

local asked = {}
for number in string.gmatch(ARGV[2], '%d+') do asked[#asked + 1] = tonumber(number) end

local function admit(firstKey, firstNumber, count, answer)
  local admitted, picked, remaining, reset = 1, 0, math.huge, 0
  local useds, counters = {}, {}
  for i = 1, count do
    local key, max, window = KEYS[firstKey + i - 1], asked[firstNumber + 2 * i - 2], asked[firstNumber + 2 * i - 1] * 1000
    local used, frees, known
    if max <= ${LOG_MAX} then used, frees = readLog(key, max, window)
    else used, frees, known = readCounters(key, max, window) end
    useds[i], counters[i] = used, known
    if used >= max then
      if admitted == 1 or frees - now > reset then picked, reset = i, frees - now end
      admitted, remaining = 0, 0
    elseif admitted == 1 and max - used - 1 < remaining then
      picked, remaining, reset = i, max - used - 1, frees - now
    end
  end
  if admitted == 1 then
    for i = 1, count do
      local key, window = KEYS[firstKey + i - 1], asked[firstNumber + 2 * i - 1] * 1000
      if counters[i] then addToCounters(key, window, useds[i], counters[i])
      else addToLog(key, window, useds[i]) end
    end
  end
  local size = #answer
  answer[size + 1], answer[size + 2], answer[size + 3] = admitted, picked, remaining
  answer[size + 4] = math.ceil(reset / 1000)
end

local answer = {}
local key, number = 1, 1
while number <= #asked do
  local count, hasSession = asked[number], asked[number + 1] == 1
  admit(key, number + 2, count, answer)
  key, number = key + count, number + 2 + 2 * count
  local revoked = 0
  if hasSession then
    revoked = redis.call('EXISTS', KEYS[key])
    key = key + 1
  end
  answer[#answer + 1] = revoked
end
return table.concat(answer, ' ')
`
