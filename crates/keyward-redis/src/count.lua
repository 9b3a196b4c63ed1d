-- Counts a request in the minute of KEYS[1], of which ARGV[1] are admitted: in one step, by this
-- server's clock. Answers whether it was admitted, how many have been, and when the minute is over:
-- in how many milliseconds, and in milliseconds since 1970.
local MINUTE = 60000
local admitted, requests, left = 1, 1, redis.call('PTTL', KEYS[1])
if left < 1 or left > MINUTE then
  -- No minute is running; or it would last longer than one, since the calendar was set back.
  redis.call('SET', KEYS[1], 1, 'PX', MINUTE)
  left = MINUTE
else
  requests = tonumber(redis.call('GET', KEYS[1]))
  if requests < tonumber(ARGV[1]) then
    requests = redis.call('INCR', KEYS[1])
  else
    admitted = 0
  end
end
local now = redis.call('TIME')
return { admitted, requests, left, now[1] * 1000 + math.floor(now[2] / 1000) + left }
