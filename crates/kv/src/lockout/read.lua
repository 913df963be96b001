-- KEYS: hashes of count, locks, until and last, times in milliseconds. Answers the four of each, and 0.
local answer = {}
for _, key in ipairs(KEYS) do
  local state = redis.call('HMGET', key, 'count', 'locks', 'until', 'last')
  for member = 1, 4 do answer[#answer + 1] = tonumber(state[member] or 0) end
  answer[#answer + 1] = 0
end
return answer
