import { CLOCK } from './clock.ts'

/*
 * KEYS of MARK, CLAIM and RELEASE: 1 a sorted set of rooms by when they are due, 2 a hash of room -> when it was last marked, 3 a hash
 * of room -> until when a process has it. ARGV[1] is the clock. Times are whole milliseconds.
 */
const COMMON = `
${CLOCK}
local now = math.floor(clock() / 1000)
local function whole(time) return string.format('%.0f', time) end
`

/** ARGV: clock, room, delay (ms), how long the keys are kept (ms). */
export const MARK = `
${COMMON}
local room = ARGV[2]
redis.call('HSET', KEYS[2], room, whole(now))
if tonumber(redis.call('HGET', KEYS[3], room) or 0) <= now then
  redis.call('ZADD', KEYS[1], 'LT', whole(now + ARGV[3]), room)
end
for i = 1, 3 do redis.call('PEXPIRE', KEYS[i], ARGV[4]) end
`

/** ARGV: clock, how many, lease (ms). Answers { now, rooms }. */
export const CLAIM = `
${COMMON}
local rooms = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', whole(now), 'LIMIT', 0, ARGV[2])
for _, room in ipairs(rooms) do
  redis.call('ZADD', KEYS[1], whole(now + ARGV[3]), room)
  redis.call('HSET', KEYS[3], room, whole(now + ARGV[3]))
end
return { whole(now), rooms }
`

/** ARGV: clock, room, when it was claimed, until when, delay (ms), grace (ms). */
export const RELEASE = `
${COMMON}
local room = ARGV[2]
if tonumber(redis.call('HGET', KEYS[3], room) or 0) ~= tonumber(ARGV[4]) then return end
redis.call('HDEL', KEYS[3], room)
local marked, claimed = tonumber(redis.call('HGET', KEYS[2], room) or 0), tonumber(ARGV[3])
if marked + ARGV[6] <= claimed then
  redis.call('ZREM', KEYS[1], room)
  redis.call('HDEL', KEYS[2], room)
elseif marked > claimed then
  redis.call('ZADD', KEYS[1], whole(marked + ARGV[5]), room)
else
  redis.call('ZADD', KEYS[1], whole(marked + ARGV[6]), room)
end
`

/**
 * KEYS: the room's number, its stream, the number up to which it is saved. ARGV: how many. Answers { last number, saved number,
 * entries }. A saved number above the last is of numbers that are lost.
 */
export const READ = `
local last = tonumber(redis.call('GET', KEYS[1]) or 0)
local saved = tonumber(redis.call('GET', KEYS[3]) or 0)
if saved > last then saved = 0 end
local number = string.format('%.0f', saved)
return { last, saved, redis.call('XRANGE', KEYS[2], '(' .. number .. '-0', '+', 'COUNT', ARGV[1]) }
`
