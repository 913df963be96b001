-- KEYS[1]: a hash of failures, open_until and probe_until, in milliseconds. ARGV[1]: how long a probe may take.
-- Answers -1: closed, -2: half open and this caller is the probe, otherwise milliseconds to wait.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local state = redis.call('HMGET', KEYS[1], 'open_until', 'probe_until')
local open_until, probe_until = tonumber(state[1] or 0), tonumber(state[2] or 0)
if open_until == 0 then return -1 end
if now < open_until then return open_until - now end
if now < probe_until then return probe_until - now end
redis.call('HSET', KEYS[1], 'probe_until', string.format('%.0f', now + ARGV[1]))
return -2
