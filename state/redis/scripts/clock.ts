/**
 * The clock of every script: microseconds of Redis's own TIME, so that processes need not agree on theirs. A first argument that is
 * not empty is taken instead, in milliseconds: only tests give one.
 */
export const CLOCK = `
local function clock()
  if ARGV[1] ~= '' then return math.floor(ARGV[1] * 1000) end
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end
`
