-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
--
-- Moves a task between the sets and counters that tell where it is.

local function has(flags, one) return flags ~= 0 and bit.band(flags, one) ~= 0 end
local function with(flags, one) return bit.bor(flags, one) end
local function without(flags, one) return bit.band(flags, bit.bnot(one)) end

-- The same task, for changes that the other does not see.
local function copy(task) return setmetatable({}, {__index = task}) end

local function class(task)
  local kind = SMALL[task.state]
  if task.held then kind = kind .. 'h' end
  if has(task.flags, DEAD_LETTER) then kind = kind .. 'd' end
  return kind
end
local function count(owner, pool, kind, by)
  change(P .. ':totals:' .. owner, kind .. ':' .. pool, by)
  if kind ~= '0' and kind ~= '1' then change(P .. ':count:' .. pool, kind, by) end
end

local function is_delayed(task) return task.state == QUEUED and task.due > 0 end

-- The set that says what a task waits for, and its score there; none for a held one. The end of a
-- lease is not in the record: without `lease_until` it stays what it was.
local function home(task)
  if under_way(task) then
    return lease_set(task), task.lease_until
  elseif is_delayed(task) then
    return P .. ':delayed:' .. task.pool, task.due
  elseif task.state == QUEUED then
    return place_key('ready', task.pool, place(task)), task.created
  elseif task.state == COMPLETED then
    return P .. ':ended:completed', task.completed
  elseif task.state > COMPLETED then
    return P .. ':ended:other', task.completed
  end
end
local function state_set(task)
  return task.state ~= QUEUED and task.state ~= COMPLETED and P .. ':state:' .. SMALL[task.state]
end

local function move(old, new)
  local id, pool = new.id, new.pool
  local function shift(from, to, score)
    if from == to then return end
    if from then put(from, id) end
    if to then put(to, id, score) end
  end

  local from = home(old)
  local to, score = home(new)
  if from == to and new.lease_until then
    put(to, id, score)
  else
    shift(from, to, score)
  end
  if new.state == QUEUED and place(new) ~= '' then call('SADD', P .. ':places:' .. pool, place(new)) end
  if is_delayed(old) ~= is_delayed(new) then
    put(P .. ':later:' .. pool, id, is_delayed(new) and new.created)
  end
  if old.state ~= new.state then shift(state_set(old), state_set(new), new.created) end
  local was_dead, is_dead = has(old.flags, DEAD_LETTER), has(new.flags, DEAD_LETTER)
  if was_dead ~= is_dead then put(P .. ':dead', id, is_dead and new.created) end
  local was, is = class(old), class(new)
  if was ~= is then
    count(old.owner, pool, was, -1)
    count(new.owner, pool, is, 1)
  end
  local left = under_way(old) and old.instance
  local taken = under_way(new) and new.instance
  if left ~= taken then
    if left then change(P .. ':load:' .. pool, left, -1) end
    if taken then change(P .. ':load:' .. pool, taken, 1) end
  end
end
