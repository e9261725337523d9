-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
-- uses: base
--
-- What was said of instances and is not over.
-- Answers text, us left of each.

local now = now_us()
local answer = {}
local live = call('ZRANGEBYSCORE', P .. ':announced:until', '(' .. integer(now), '+inf',
  'WITHSCORES', 'LIMIT', 0, 10000)
for i = 1, #live, 2 do
  local text = call('HGET', P .. ':announced', live[i])
  if text then
    answer[#answer + 1] = text
    answer[#answer + 1] = integer(tonumber(live[i + 1]) - now)
  end
end
return answer
