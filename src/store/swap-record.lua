-- Writes a record if it is still at the version that was read.
--
-- KEYS[1]  record           hash: version, state
-- ARGV[1]  the version that was read; '' when there was no record
-- ARGV[2]  the next state as text
-- ARGV[3]  how long the record lives without another write, in ms
-- Answers
--   { 1, version }                           written, and its new version
--   { 0, version, state, seconds, micros }   another instance was faster: the record as it is now ('' when nothing), and TIME
--
-- A version is the server's time in microseconds, and always greater than the one before: a record that was removed and
-- made again never has a version it had before. TIME before a write needs Redis 5 or later (effects are replicated).

local version = redis.call('HGET', KEYS[1], 'version') or ''
local time = redis.call('TIME')
if version ~= ARGV[1] then
  return { 0, version, redis.call('HGET', KEYS[1], 'state') or '', time[1], time[2] }
end

-- Microseconds since 1970 are far below the 2^53 up to which a Lua number is exact.
local nextVersion = string.format('%.0f', math.max(time[1] * 1000000 + time[2], (tonumber(version) or 0) + 1))
redis.call('HSET', KEYS[1], 'version', nextVersion, 'state', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return { 1, nextVersion }
