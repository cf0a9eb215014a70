-- Writes a group's record if it is still at the version that was read, and keeps the two indexes with it.
--
-- Keys (one cluster slot, by their common hash tag)
--   KEYS[1]  record of the group   hash: version, state
--   KEYS[2]  due                   sorted set: group -> when it is due, in ms
--   KEYS[3]  incidents             sorted set: group -> when its incident began, in ms
-- Arguments
--   ARGV[1]  group
--   ARGV[2]  the version that was read; '' when there was no record
--   ARGV[3]  the next state as text; '' removes the record
--   ARGV[4]  when it is due, in ms
--   ARGV[5]  when its incident began, in ms; '' when it has none
--   ARGV[6]  how long the record lives without another write, in ms
-- Answers
--   { 1 }                                    written
--   { 0, version, state, seconds, micros }   another writer was faster: the record as it is now ('' if none), and TIME
--
-- A version is the server's time in microseconds, and always greater than the one before: a record that was removed and
-- made again never has a version it had before. TIME before a write needs Redis 5 or later (effects are replicated).

local found = redis.call('HMGET', KEYS[1], 'version', 'state')
local version = found[1] or ''
local time = redis.call('TIME')
if version ~= ARGV[2] then
  return { 0, version, found[2] or '', time[1], time[2] }
end

if ARGV[3] == '' then
  redis.call('DEL', KEYS[1])
  redis.call('ZREM', KEYS[2], ARGV[1])
  redis.call('ZREM', KEYS[3], ARGV[1])
  return { 1 }
end

-- Microseconds since 1970 are far below the 2^53 up to which a Lua number is exact.
local nextVersion = math.max(time[1] * 1000000 + time[2], (tonumber(version) or 0) + 1)

redis.call('HSET', KEYS[1], 'version', string.format('%.0f', nextVersion), 'state', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[6])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1])
if ARGV[5] == '' then
  redis.call('ZREM', KEYS[3], ARGV[1])
else
  redis.call('ZADD', KEYS[3], ARGV[5], ARGV[1])
end
return { 1 }
