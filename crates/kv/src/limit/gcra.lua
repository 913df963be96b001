-- KEYS: one bucket each. ARGV: three numbers per bucket: microseconds per token, size, cost.
-- A bucket is the time at which it will be full again. Takes from all buckets or from none.
-- Answers two numbers per bucket: microseconds to wait (-1: it had enough) and microseconds until it is full.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local steps, fits = {}, true
for i, key in ipairs(KEYS) do
  local interval, size, cost = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i])
  local full_at = tonumber(redis.call('GET', key) or now)
  local backlog = math.max(full_at - now, 0)
  local after = backlog + interval * cost
  local wait = after - interval * size
  if wait > 0 then fits = false else wait = -1 end
  steps[i] = { key, backlog, after, wait }
end
local answer = {}
for _, step in ipairs(steps) do
  local key, backlog, after, wait = unpack(step)
  if fits and after > backlog then
    redis.call('SET', key, string.format('%.0f', now + after), 'PX', math.ceil(after / 1000))
    backlog = after
  end
  answer[#answer + 1] = wait
  answer[#answer + 1] = backlog
end
return answer
