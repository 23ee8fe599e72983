import { DAY_MS } from '../../daily-use.ts'
import { CLOCK } from './clock.ts'

/** KEYS: a hash of the day and what was used in it. ARGV: clock, amount, max. Answers whether it was counted, what is left, and how long the day lasts (ms). */
export const TAKE_DAILY = `
${CLOCK}
local now, key, amount, max = math.floor(clock() / 1000), KEYS[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local day = math.floor(now / ${DAY_MS})
local reset = (day + 1) * ${DAY_MS} - now
local known = redis.call('HMGET', key, 'd', 'n')
local used = 0
if known[1] and tonumber(known[1]) == day then used = tonumber(known[2]) end
if used + amount > max then return { 0, math.max(0, max - used), reset } end
redis.call('HSET', key, 'd', day, 'n', string.format('%.0f', used + amount))
redis.call('PEXPIRE', key, reset)
return { 1, max - used - amount, reset }
`
