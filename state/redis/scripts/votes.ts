/*
 * A poll is a hash: `state`, `room`, `multiple`, `anonymous`, `changeable`, `o:<option>` of each option and, where a second vote is
 * refused, `v:<participant>` of each voter. One that was closed without being known has only its `state`. The stream's keys share the
 * poll's hash tag.
 */

export const VOTE_GROUP = 'vote-processors'

/** KEYS: stream. Makes the group unless it is there, from the beginning of what there is. */
export const MAKE_GROUP = `redis.pcall('XGROUP', 'CREATE', KEYS[1], '${VOTE_GROUP}', '0', 'MKSTREAM')`

/**
 * KEYS: poll, stream. ARGV: room, multiple, anonymous, changeable (1 or 0), how long it is known (ms), the position that later ones
 * must come after (or empty), the options.
 */
export const OPEN_POLL = `
local state = redis.call('HGET', KEYS[1], 'state')
if state then return state end
redis.call('HSET', KEYS[1], 'state', 'open', 'room', ARGV[1], 'multiple', ARGV[2], 'anonymous', ARGV[3], 'changeable', ARGV[4])
for i = 7, #ARGV do redis.call('HSET', KEYS[1], 'o:' .. ARGV[i], '') end
redis.call('PEXPIRE', KEYS[1], ARGV[5])
if ARGV[6] ~= '' then
  if redis.call('EXISTS', KEYS[2]) == 0 then redis.call('XGROUP', 'CREATE', KEYS[2], '${VOTE_GROUP}', '0', 'MKSTREAM') end
  -- Refused when the stream is further already.
  redis.pcall('XSETID', KEYS[2], ARGV[6])
end
return 'open'
`

/** KEYS: poll. ARGV: how long it is known (ms), voters. Who has voted, of a poll that is not open yet: it stays unknown. */
export const ADD_VOTERS = `
if redis.call('HEXISTS', KEYS[1], 'state') == 1 then return end
for i = 2, #ARGV do redis.call('HSET', KEYS[1], 'v:' .. ARGV[i], '') end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
`

/** KEYS: poll, stream. ARGV: how long it is known from now on (ms). Answers the last position that was given. */
export const CLOSE_POLL = `
redis.call('HSET', KEYS[1], 'state', 'closed')
redis.call('PEXPIRE', KEYS[1], ARGV[1])
if redis.call('EXISTS', KEYS[2]) == 0 then return '0-0' end
local about = redis.call('XINFO', 'STREAM', KEYS[2])
for i = 1, #about, 2 do
  if about[i] == 'last-generated-id' then return about[i + 1] end
end
`

/** KEYS: poll, stream. ARGV: poll, voter, time (ms), the options as JSON, each option. */
export const ACCEPT_VOTE = `
local known = redis.call('HMGET', KEYS[1], 'state', 'multiple', 'anonymous', 'changeable', 'v:' .. ARGV[2])
if not known[1] then return 'unknown' end
if known[1] ~= 'open' then return 'closed' end
if #ARGV == 4 or (#ARGV > 5 and known[2] ~= '1') then return 'invalid' end
local seen = {}
for i = 5, #ARGV do
  if seen[ARGV[i]] or redis.call('HEXISTS', KEYS[1], 'o:' .. ARGV[i]) == 0 then return 'invalid' end
  seen[ARGV[i]] = true
end
if known[4] ~= '1' then
  if known[5] then return 'already_voted' end
  redis.call('HSET', KEYS[1], 'v:' .. ARGV[2], '')
end
redis.call('XADD', KEYS[2], '*', 'poll', ARGV[1], 'voter', ARGV[2], 'options', ARGV[4], 'at', ARGV[3], 'anonymous', known[3])
return 'accepted'
`

/** KEYS: stream. ARGV: positions. */
export const ACK_VOTES = `
redis.call('XACK', KEYS[1], '${VOTE_GROUP}', unpack(ARGV))
return redis.call('XDEL', KEYS[1], unpack(ARGV))
`

/**
 * KEYS: stream, dead letters. ARGV: how long letters are kept (ms), position and reason of each. An entry that is gone was buried before. What an anonymous vote was
 * for is kept without who cast it, and when.
 */
export const BURY_VOTES = `
local time = redis.call('TIME')
local oldest = string.format('%.0f', time[1] * 1000 - ARGV[1])
for i = 2, #ARGV, 2 do
  local entry = redis.call('XRANGE', KEYS[1], ARGV[i], ARGV[i])[1]
  if entry then
    local letter, fields, anonymous = { 'position', ARGV[i], 'reason', ARGV[i + 1] }, entry[2], false
    for j = 1, #fields, 2 do
      if fields[j] == 'anonymous' and fields[j + 1] == '1' then anonymous = true end
    end
    for j = 1, #fields, 2 do
      if not (anonymous and (fields[j] == 'voter' or fields[j] == 'at')) then
        letter[#letter + 1] = 'vote:' .. fields[j]
        letter[#letter + 1] = fields[j + 1]
      end
    end
    redis.call('XADD', KEYS[2], 'MINID', oldest, '*', unpack(letter))
    redis.call('PEXPIRE', KEYS[2], ARGV[1])
  end
  redis.pcall('XACK', KEYS[1], '${VOTE_GROUP}', ARGV[i])
  redis.call('XDEL', KEYS[1], ARGV[i])
end
`

/** KEYS: stream. ARGV: how long they were not heard of (ms), a consumer or none: all. Answers how many it removed. */
export const REMOVE_CONSUMERS = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local consumers, removed = redis.pcall('XINFO', 'CONSUMERS', KEYS[1], '${VOTE_GROUP}'), 0
if consumers.err then return 0 end
for _, about in ipairs(consumers) do
  local consumer = {}
  for i = 1, #about, 2 do consumer[about[i]] = about[i + 1] end
  local named = not ARGV[2] or consumer.name == ARGV[2]
  if named and consumer.pending == 0 and consumer.idle >= tonumber(ARGV[1]) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], '${VOTE_GROUP}', consumer.name)
    removed = removed + 1
  end
end
return removed
`

/** KEYS: stream, dead letters. Answers { waiting, pending, age of the oldest (ms), dead }. */
export const VOTES_BACKLOG = `
local pending, oldest = redis.pcall('XPENDING', KEYS[1], '${VOTE_GROUP}'), 0
local first = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
if first then
  local time = redis.call('TIME')
  oldest = math.max(0, time[1] * 1000 + math.floor(time[2] / 1000) - tonumber(string.match(first[1], '^%d+')))
end
return { redis.call('XLEN', KEYS[1]), pending.err and 0 or pending[1], oldest, redis.call('XLEN', KEYS[2]) }
`
