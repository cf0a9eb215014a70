-- Reads a record unless the reader has it already.
--
-- KEYS[1]  record           hash: version, state
-- ARGV[1]  the version that the reader has; '' when it has none
-- Answers  { seconds, micros, version, state }; `state` is '' when the version is the reader's own, or there is no record

local time = redis.call('TIME')
local version = redis.call('HGET', KEYS[1], 'version') or ''
if version == ARGV[1] then
  return { time[1], time[2], version, '' }
end
return { time[1], time[2], version, redis.call('HGET', KEYS[1], 'state') or '' }
