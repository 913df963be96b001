-- KEYS[1]: the hash. ARGV: 1 when the call went well, failures that open, milliseconds to stay open.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local open_until = tonumber(redis.call('HGET', KEYS[1], 'open_until') or 0)
if ARGV[1] == '1' then
  -- A late answer to a call from before it opened says little; only the probe closes it.
  if now >= open_until then redis.call('DEL', KEYS[1]) end
  return 0
end
local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
if failures >= tonumber(ARGV[2]) and now >= open_until then
  redis.call('HSET', KEYS[1], 'open_until', string.format('%.0f', now + ARGV[3]), 'probe_until', 0)
end
-- Failures that lie far apart are not in a row.
redis.call('PEXPIRE', KEYS[1], 10 * tonumber(ARGV[3]))
return 0
