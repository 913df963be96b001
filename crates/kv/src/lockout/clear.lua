-- KEYS: what to forget.
return redis.call('DEL', unpack(KEYS))
