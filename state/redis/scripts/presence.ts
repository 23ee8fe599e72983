import { CLOCK } from './clock.ts'

/*
 * KEYS of each: 1 a sorted set of participants by the end of their last lease, 2 a hash of participant -> its leases as
 * "connection=end connection=end", 3 a hash of participant -> the language it listens to. ARGV[1] is the clock.
 * Kept apart so that every call but the lists costs the same however full the room is.
 */
const COMMON = `
${CLOCK}
local now = math.floor(clock() / 1000)
local function isLive(id)
  local ends = redis.call('ZSCORE', KEYS[1], id)
  return ends and tonumber(ends) > now
end
-- The participant's live leases without one connection's, and the end of the last of them.
local function leasesOf(id, without)
  local kept, last = {}, 0
  for connection, ends in string.gmatch(redis.call('HGET', KEYS[2], id) or '', '(%S+)=(%d+)') do
    if tonumber(ends) > now and connection ~= without then
      kept[#kept + 1] = connection .. '=' .. ends
      last = math.max(last, tonumber(ends))
    end
  end
  return kept, last
end
local function hold(id, connection, ttl, keep)
  if not isLive(id) then redis.call('HDEL', KEYS[3], id) end
  local leases, ends = leasesOf(id, connection), now + ttl
  leases[#leases + 1] = connection .. '=' .. string.format('%.0f', ends)
  redis.call('HSET', KEYS[2], id, table.concat(leases, ' '))
  redis.call('ZADD', KEYS[1], ends, id)
  for i = 1, 3 do redis.call('PEXPIRE', KEYS[i], keep) end
end
local function forget(id)
  redis.call('ZREM', KEYS[1], id)
  redis.call('HDEL', KEYS[2], id)
  redis.call('HDEL', KEYS[3], id)
end
local function live() return redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. string.format('%.0f', now), '+inf') end
`

/** ARGV: clock, lease (ms), how long the keys are kept (ms), participant, connection, max. */
export const ENTER = `
${COMMON}
local id, present = ARGV[4], isLive(ARGV[4])
if not present and redis.call('ZCOUNT', KEYS[1], '(' .. string.format('%.0f', now), '+inf') >= tonumber(ARGV[6]) then
  return 'full'
end
hold(id, ARGV[5], ARGV[2], ARGV[3])
return present and 'present' or 'entered'
`

/** ARGV: clock, lease (ms), how long the keys are kept (ms), then participant and connection of each. */
export const HOLD = `
${COMMON}
for i = 4, #ARGV, 2 do hold(ARGV[i], ARGV[i + 1], ARGV[2], ARGV[3]) end
`

/** ARGV: clock, participant, connection (none: all of them). Answers 1 when this ended the presence. */
export const LEAVE = `
${COMMON}
local id = ARGV[2]
if not redis.call('ZSCORE', KEYS[1], id) then return 0 end
if ARGV[3] then
  local leases, last = leasesOf(id, ARGV[3])
  if #leases > 0 then
    redis.call('HSET', KEYS[2], id, table.concat(leases, ' '))
    redis.call('ZADD', KEYS[1], last, id)
    return 0
  end
end
forget(id)
return 1
`

export const LIST = `
${COMMON}
return live()
`

export const SWEEP = `
${COMMON}
local gone = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)
for _, id in ipairs(gone) do forget(id) end
return gone
`

/** ARGV: clock, participant, language, how long the keys are kept (ms). */
export const SET_LISTENING = `
${COMMON}
if not isLive(ARGV[2]) then return end
redis.call('HSET', KEYS[3], ARGV[2], ARGV[3])
redis.call('PEXPIRE', KEYS[3], ARGV[4])
`

export const LISTENING = `
${COMMON}
local seen, languages = {}, {}
for _, id in ipairs(live()) do
  local language = redis.call('HGET', KEYS[3], id)
  if language and not seen[language] then
    seen[language] = true
    languages[#languages + 1] = language
  end
end
return languages
`
