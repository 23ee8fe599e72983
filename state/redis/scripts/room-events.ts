/**
 * Numbers, keeps and sends an event in one step, so that what is sent is in the order of the numbers.
 * KEYS: number, stream. ARGV: the event's JSON without its number, floor, channel, how many are kept, how long (ms), how long the
 * number is kept (ms). Answers the number. In a cluster the message stays with the servers of the room's slot: SPUBLISH.
 */
export const append = (publish: 'PUBLISH' | 'SPUBLISH'): string => `
local seq = redis.call('INCR', KEYS[1])
-- The number was lost: events kept under higher ones would be in the way.
if seq == 1 then redis.call('DEL', KEYS[2]) end
local floor = tonumber(ARGV[2])
if seq <= floor then
  seq = floor + 1
  redis.call('SET', KEYS[1], seq)
end
redis.call('PEXPIRE', KEYS[1], ARGV[6])
local number = string.format('%.0f', seq)
local event = '{"seq":' .. number .. ',' .. string.sub(ARGV[1], 2)
redis.call('XADD', KEYS[2], 'MAXLEN', ARGV[4], number .. '-0', 'event', event)
redis.call('PEXPIRE', KEYS[2], ARGV[5])
redis.call('${publish}', ARGV[3], event)
return seq
`

/** KEYS: number, stream. ARGV: the number after which. Answers { last number, entries }. */
export const AFTER = `
return {
  tonumber(redis.call('GET', KEYS[1]) or 0),
  redis.call('XRANGE', KEYS[2], '(' .. ARGV[1] .. '-0', '+'),
}
`
