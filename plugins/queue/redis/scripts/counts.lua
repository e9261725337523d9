-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
--
-- Counts of every pool and instance that has or had tasks, from counters.
-- Answers {pool, queued, delayed, running, paused, dead, oldest, {instance, active, ...}} of each.

local now = now_us()
local answer = {}
for _, pool in ipairs(call('SMEMBERS', P .. ':pools')) do
  local of = {}
  local counts = call('HGETALL', pool_key('count', pool))
  for i = 1, #counts, 2 do of[counts[i]] = tonumber(counts[i + 1]) end
  local oldest = call('ZRANGE', pool_key('waiting', pool), 0, 0, 'WITHSCORES')
  local dead = 0
  for kind, n in pairs(of) do
    if string.find(kind, 'd', 1, true) then dead = dead + n end
  end
  answer[#answer + 1] = {pool, (of['0'] or 0) + (of['2h'] or 0),
    call('ZCOUNT', pool_key('delayed', pool), '(' .. integer(now), '+inf'), of['1'] or 0,
    of['2'] or 0, dead, oldest[2] or '0', call('HGETALL', pool_key('load', pool))}
end
return answer
