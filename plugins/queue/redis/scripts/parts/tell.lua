-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
--
-- Tells a task to the client.

-- The sets, by created, in which a pool's queued tasks stand.
local function queued_sets(pool)
  local sets = {place_key('ready', pool, ''), P .. ':later:' .. pool}
  for _, name in ipairs(call('SMEMBERS', P .. ':places:' .. pool)) do
    sets[#sets + 1] = place_key('ready', pool, name)
  end
  return sets
end

-- From 1 among the pool's queued tasks; `sets` are queued_sets of its pool, where they are known.
local function position(task, sets)
  local before = 1
  for _, set in ipairs(sets or queued_sets(task.pool)) do
    before = before + (call('ZRANK', set, task.id) or
      call('ZCOUNT', set, '-inf', '(' .. task.created))
  end
  return before
end

-- Field, value, ... of the record, and under names that no field has, how long its lease or its
-- delay still runs, and its position when asked for. The record is read, unless it is given.
local function tell(task, now, with_position, record)
  record = record or call('HGETALL', task_key(task.id))
  local n = #record
  record[n + 1], record[n + 2] = '@id', task.id
  n = n + 2
  if under_way(task) then
    local left = (task.lease_until or
      tonumber(call('ZSCORE', lease_set(task), task.id) or '') or 0) - now
    if task.leased or left > 0 then
      record[n + 1], record[n + 2] = task.leased and '@lease_left' or '@delay', integer(left)
    end
  elseif task.state == QUEUED then
    if task.due > now then
      record[n + 1], record[n + 2] = '@delay', integer(task.due - now)
      n = n + 2
    end
    if with_position then record[n + 1], record[n + 2] = '@position', position(task) end
  end
  return record
end
