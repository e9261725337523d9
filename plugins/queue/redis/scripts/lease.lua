-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
-- uses: base writes find move tell
--
-- Grants leases: ended ones first, then tasks that wait, oldest first, each on the least loaded
-- instance that may take it. A candidate whose record makes no sense is set aside and told.
-- A server that stood still obeys later what was asked meanwhile: then nothing is granted to one who
-- has given up, and nothing taken over before its holder had time to renew.
-- ARGV: worker, lease us, host's now us, grace us, most, tokens of 16 bytes each, when it was asked by
--       our clock (0: not known), how long the asker waits, then pool, instance, limit of each
--       instance served
-- Answers {records, {id, why, ...}, our now}.

local worker, lease_us, host_now, grace_us = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local most, tokens, asked, patience = tonumber(ARGV[5]), ARGV[6], tonumber(ARGV[7]), tonumber(ARGV[8])
local now = now_us()
local waited = asked > 0 and now - asked or 0
if waited > patience then return {{}, {}, integer(now)} end
local granted, aside = {}, {}
local pools, pool_names = {}, {}

for i = 9, #ARGV, 3 do
  local pool, name, limit = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2])
  if not pools[pool] then
    pools[pool] = {}
    pool_names[#pool_names + 1] = pool
  end
  local active = tonumber(call('HGET', P .. ':load:' .. pool, name) or 0)
  table.insert(pools[pool], {name = name, limit = limit, active = active})
end

-- By share of its limit, then by number.
local function lightest(slots)
  local best
  for _, slot in ipairs(slots) do
    if slot.active < slot.limit then
      local mine, others = 0, 0
      if best then mine, others = slot.active * best.limit, best.active * slot.limit end
      if not best or mine < others or (mine == others and slot.active < best.active) then
        best = slot
      end
    end
  end
  return best
end
local function named(slots, name)
  for _, slot in ipairs(slots) do
    if slot.name == name then return slot end
  end
end

local function set_aside(set, id, why)
  call('ZREM', set, id)
  call('ZADD', P .. ':damaged', 'NX', now, id)
  aside[#aside + 1] = id
  aside[#aside + 1] = why
end
-- The task if it is what its set says it is.
local function candidate(set, pool, id, fits)
  local task, why, record, at = find_whole(id)
  if task and task.pool == pool and fits(task) then return task, record, at end
  set_aside(set, id, why or (task and 'it is in a set that it does not belong to') or
    'it is missing')
end

-- Writes fields into a task's record and into what was read of it.
local function write(id, fields, record, at)
  call('HSET', task_key(id), unpack(fields))
  for i = 1, #fields, 2 do
    local known = at[fields[i]] or #record + 1
    record[known], record[known + 1] = fields[i], fields[i + 1]
  end
end

local function grant(task, slot, record, at)
  local new, n = copy(task), #granted
  new.state = math.max(task.state, RUNNING)
  new.instance = slot.name
  new.leased = true
  new.lease_until = now + lease_us
  local again = under_way(task)
  write(task.id, {'state', integer(new.state), 'leased', '1', 'worker', worker, 'instance',
    slot.name, 'token', string.sub(tokens, n * 16 + 1, n * 16 + 16), 'epoch',
    integer(task.epoch + 1), 'started', task.started == '0' and host_now or task.started,
    'takeovers', integer(task.takeovers + (again and task.leased and 1 or 0))}, record, at)
  move(task, new)
  note(task.id, new.state)
  granted[n + 1] = tell(new, now, false, record)
  if again then
    record[#record + 1] = '@previous_worker'
    record[#record + 1] = task.worker
  end
end

-- Tasks whose lease ended, of one set. One that stays on its instance has its place there already;
-- only a move needs room.
local function take_over(pool, set, slot_for)
  local before = math.max(0, now - grace_us)
  for _, id in ipairs(call('ZRANGEBYSCORE', set, '-inf', before, 'LIMIT', 0, most - #granted)) do
    local slot = slot_for()
    if not slot then return end
    local task, record, at = candidate(set, pool, id, function(found)
      return under_way(found) and lease_set(found) == set
    end)
    if task then
      if slot.name ~= task.instance then slot.active = slot.active + 1 end
      grant(task, slot, record, at)
    end
  end
end
local function take_over_in(pool, slots)
  for _, slot in ipairs(slots) do
    local function itself() return slot end
    take_over(pool, place_key('leases', pool, slot.name), itself)
    take_over(pool, place_key('leases:free', pool, slot.name), itself)
  end
  local loads = call('HGETALL', P .. ':load:' .. pool)
  for i = 1, #loads, 2 do
    if tonumber(loads[i + 1]) > 0 and not named(slots, loads[i]) then
      take_over(pool, place_key('leases:free', pool, loads[i]), function() return lightest(slots) end)
    end
  end
end

local function make_due(pool)
  local set = P .. ':delayed:' .. pool
  for _, id in ipairs(call('ZRANGEBYSCORE', set, '-inf', now, 'LIMIT', 0, 1000)) do
    local task = candidate(set, pool, id, function(found) return found.state == QUEUED end)
    if task then
      local new = copy(task)
      new.due = 0
      call('HSET', task_key(id), 'due', '0')
      move(task, new)
    end
  end
end

-- The tasks of each ready set that may be granted, oldest first, and the next of them.
local queues = {}
local function next_of(pool, at, room)
  local set = place_key('ready', pool, at)
  local queue = queues[set]
  if not queue then
    queue = {at = 1, found = call('ZRANGE', set, 0, math.min(most - #granted, room) - 1, 'WITHSCORES')}
    queues[set] = queue
  end
  local id = queue.found[queue.at]
  return id and {id = id, created = tonumber(queue.found[queue.at + 1]), queue = queue, set = set,
    pool = pool, at = at}
end
local function older(one, other)
  if one.created ~= other.created then return one.created < other.created end
  return one.id < other.id
end
local function oldest()
  local best
  local function consider(next)
    if next and (not best or older(next, best)) then best = next end
  end
  for _, pool in ipairs(pool_names) do
    local rooms = 0
    for _, slot in ipairs(pools[pool]) do
      local room = slot.limit - slot.active
      if room > 0 then
        rooms = rooms + room
        consider(next_of(pool, slot.name, room))
      end
    end
    if rooms > 0 then consider(next_of(pool, '', rooms)) end
  end
  return best
end

for _, pool in ipairs(pool_names) do
  if waited <= lease_us / 3 then take_over_in(pool, pools[pool]) end
  make_due(pool)
end
local failed = settle()  -- what became due stands in its ready set now
while not failed and #granted < most do
  local first = oldest()
  if not first then break end
  first.queue.at = first.queue.at + 2
  local task, record, at = candidate(first.set, first.pool, first.id, function(found)
    return found.state == QUEUED and found.due == 0 and place(found) == first.at
  end)
  if task then
    local slots = pools[first.pool]
    local slot = first.at == '' and lightest(slots) or named(slots, first.at)
    slot.active = slot.active + 1
    grant(task, slot, record, at)
  end
end
return failed or settle() or {granted, aside, integer(now)}
