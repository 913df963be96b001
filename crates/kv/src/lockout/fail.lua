-- KEYS: hashes of count, locks, until and last. ARGV[1]: now in milliseconds; then for each key how many failures lock,
-- how many lock again, the first lock, the longest one, and after how long all is forgotten.
-- Answers the four of each afterwards and 1 if this failure locked it, as `State::fail` makes them.
local now, answer = tonumber(ARGV[1]), {}
for index, key in ipairs(KEYS) do
  local at = 1 + (index - 1) * 5
  local failures, again = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local first, longest, forget = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4]), tonumber(ARGV[at + 5])
  local state = redis.call('HMGET', key, 'count', 'locks', 'until', 'last')
  local count, locks = tonumber(state[1] or 0), tonumber(state[2] or 0)
  local locked_until, last = tonumber(state[3] or 0), tonumber(state[4] or 0)
  local began = 0
  if now >= locked_until then
    if now - last > forget then count, locks = 0, 0 end
    count, last, locked_until = count + 1, now, 0
    if count >= (locks == 0 and failures or again) then
      locked_until = now + math.min(first * 2 ^ math.min(locks, 30), longest)
      count, locks, began = 0, locks + 1, 1
    end
    local text = function(number) return string.format('%.0f', number) end
    redis.call('HSET', key, 'count', count, 'locks', locks, 'until', text(locked_until), 'last', text(last))
    redis.call('PEXPIRE', key, text(forget + longest))
  end
  answer[#answer + 1], answer[#answer + 2] = count, locks
  answer[#answer + 1], answer[#answer + 2], answer[#answer + 3] = locked_until, last, began
end
return answer
