-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
-- uses: base
--
-- Keeps the newest that was said of instances, and forgets what is over.
-- ARGV: name, text, ttl us of each

local now = now_us()
local states, ends = P .. ':announced', P .. ':announced:until'
local over = call('ZRANGEBYSCORE', ends, '-inf', now, 'LIMIT', 0, 1000)
for _, name in ipairs(over) do
  call('HDEL', states, name)
  call('ZREM', ends, name)
end
for i = 1, #ARGV, 3 do
  call('HSET', states, ARGV[i], ARGV[i + 1])
  call('ZADD', ends, now + tonumber(ARGV[i + 2]), ARGV[i])
end
return #over
