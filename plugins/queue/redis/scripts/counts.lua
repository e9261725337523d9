-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
-- uses: base find tell
--
-- Counts of every pool and instance that has or had tasks, from sets' sizes and counters.
-- Answers {pool, queued, delayed, running, paused, dead, oldest, {instance, active, ...}} of each.

local now = now_us()

local function of_pool(pool)
  local of, dead, queued, active, oldest = {}, 0, 0, 0, nil
  local counts = call('HGETALL', P .. ':count:' .. pool)
  for i = 1, #counts, 2 do
    of[counts[i]] = tonumber(counts[i + 1])
    if string.find(counts[i], 'd', 1, true) then dead = dead + counts[i + 1] end
  end
  for _, set in ipairs(queued_sets(pool)) do
    queued = queued + call('ZCARD', set)
    local first = tonumber(call('ZRANGE', set, 0, 0, 'WITHSCORES')[2] or '')
    if first and (not oldest or first < oldest) then oldest = first end
  end
  local loads = call('HGETALL', P .. ':load:' .. pool)
  for i = 2, #loads, 2 do active = active + loads[i] end
  local paused = of['2'] or 0
  return {pool, queued + (of['2h'] or 0),
    call('ZCOUNT', P .. ':delayed:' .. pool, '(' .. integer(now), '+inf'), active - paused, paused,
    dead, integer(oldest or 0), loads}
end

local answer = {}
for _, pool in ipairs(call('SMEMBERS', P .. ':pools')) do answer[#answer + 1] = of_pool(pool) end
return answer
