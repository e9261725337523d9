-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
-- uses: base writes find move tell erase
--
-- Removes tasks that ended before the given times, oldest first, and tells them as they were.
-- ARGV: completed before us, others before us, most
-- Answers {records, {id, why, ...}}; records that make no sense are set aside.

local now, most = now_us(), tonumber(ARGV[3])
local gone, aside = {}, {}

local function expire(set, before)
  local ids = call('ZRANGEBYSCORE', set, '-inf', '(' .. before, 'LIMIT', 0, most - #gone)
  for _, id in ipairs(ids) do
    local task, why = find(id)
    if task and task.state >= COMPLETED then
      gone[#gone + 1] = tell(task, now)
      erase(task)
    else
      call('ZREM', set, id)
      call('ZADD', P .. ':damaged', 'NX', now, id)
      aside[#aside + 1] = id
      aside[#aside + 1] = why or (task and 'it has not ended') or 'it is missing'
    end
  end
end

if most > 0 then expire(P .. ':ended:completed', ARGV[1]) end
if most > #gone then expire(P .. ':ended:other', ARGV[2]) end
return settle_erased() or {gone, aside}
