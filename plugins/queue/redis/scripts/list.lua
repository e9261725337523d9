-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
-- uses: base find tell
--
-- One step of a walk over the sets that leave least to pass over, merged by created. No snapshot.
-- ARGV: state (-1 any), dead letter (-1 any), owner, pool, most, most looked at, oldest first,
--       count, cursor's score, cursor's id ('' from the start)
-- Answers {records, score, id, total}; score and id are of the last one looked at, '' at the end.

local state, dead, owner, pool = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4]
local most, longest, oldest_first = tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7] == '1'
local cursor_score, cursor_id = tonumber(ARGV[9]), ARGV[10]
local most_bytes, chunk = 8 * 1024 * 1024, 100

local function pools() return pool ~= '' and {pool} or call('SMEMBERS', P .. ':pools') end

local function is_dead(flags) return bit.band(flags, DEAD_LETTER) ~= 0 and 1 or 0 end
local function matches(task)
  return (state < 0 or task.state == state) and (owner == '' or task.owner == owner) and
    (pool == '' or task.pool == pool) and (dead < 0 or is_dead(task.flags) == dead)
end

-- The number of tasks of one class ("3", "4d", "2h").
local function counted(kind, n)
  local kind_dead = string.find(kind, 'd', 1, true) and 1 or 0
  local fits = (state < 0 or tonumber(string.sub(kind, 1, 1)) == state) and
    (dead < 0 or kind_dead == dead)
  return fits and tonumber(n) or 0
end
local function total_of_owner()
  local sum, counts = 0, call('HGETALL', P .. ':totals:' .. owner)
  for i = 1, #counts, 2 do
    local kind, of_pool = string.match(counts[i], '^([^:]+):(.*)$')
    if pool == '' or of_pool == pool then sum = sum + counted(kind, counts[i + 1]) end
  end
  return sum
end
local function total()
  if owner ~= '' then return total_of_owner() end
  local sum = 0
  for _, name in ipairs(pools()) do
    local counts, loads = call('HGETALL', P .. ':count:' .. name), call('HVALS', P .. ':load:' .. name)
    local running, queued = 0, 0
    for _, n in ipairs(loads) do running = running + n end
    for i = 1, #counts, 2 do
      sum = sum + counted(counts[i], counts[i + 1])
      if counts[i] == '2' then running = running - counts[i + 1] end
    end
    for _, set in ipairs(queued_sets(name)) do queued = queued + call('ZCARD', set) end
    sum = sum + counted('0', queued) + counted('1', running)
  end
  return sum
end

local function sets_to_walk()
  if dead == 1 then return {P .. ':dead'} end
  if state == QUEUED then
    local sets = {}
    for _, name in ipairs(pools()) do
      for _, set in ipairs(queued_sets(name)) do sets[#sets + 1] = set end
    end
    return sets
  end
  if state == RUNNING or state == PAUSED then return {P .. ':state:' .. state} end
  if owner ~= '' then return {P .. ':owner:' .. owner} end
  if state > COMPLETED then return {P .. ':state:' .. state} end
  return {P .. ':all'}
end

local function before(score, id, other_score, other_id)
  if score ~= other_score then return (score < other_score) == oldest_first end
  return (id < other_id) == oldest_first
end

-- How many of a set come up to the cursor: those beyond its score, and of its score those that are
-- not after it.
local function passed(set)
  if cursor_id == '' then return 0 end
  local score = integer(cursor_score)
  local n = oldest_first and call('ZCOUNT', set, '-inf', '(' .. score) or
    call('ZCOUNT', set, '(' .. score, '+inf')
  for _, id in ipairs(call('ZRANGEBYSCORE', set, score, score)) do
    if id == cursor_id or before(cursor_score, id, cursor_score, cursor_id) then n = n + 1 end
  end
  return n
end

local function refill(walk)
  local range = oldest_first and 'ZRANGE' or 'ZREVRANGE'
  walk.found = call(range, walk.set, walk.at, walk.at + chunk - 1, 'WITHSCORES')
  walk.at, walk.i = walk.at + chunk, 1
end
local walks = {}
for _, set in ipairs(sets_to_walk()) do
  local walk = {set = set, at = passed(set)}
  refill(walk)
  walks[#walks + 1] = walk
end
local function next_entry()
  local best, best_score
  for _, walk in ipairs(walks) do
    if walk.i > #walk.found and #walk.found == 2 * chunk then refill(walk) end
    if walk.i <= #walk.found then
      local score = tonumber(walk.found[walk.i + 1])
      if not best or before(score, walk.found[walk.i], best_score, best.found[best.i]) then
        best, best_score = walk, score
      end
    end
  end
  if not best then return nil end
  best.i = best.i + 2
  return best.found[best.i - 2], best.found[best.i - 1]
end

local now, records, bytes, looked_at = now_us(), {}, 0, 0
local last_score, last_id = '', ''
while true do
  local id, score = next_entry()
  if not id then
    last_score, last_id = '', ''
    break
  end
  if #records >= most or bytes >= most_bytes or looked_at >= longest then break end
  local task, why = find(id)
  if not task then return damaged(id, why or 'it is missing') end
  if matches(task) then
    local record = tell(task, now)
    for _, value in ipairs(record) do bytes = bytes + #tostring(value) end
    records[#records + 1] = record
  end
  looked_at, last_id, last_score = looked_at + 1, id, score
end
return {records, last_score, last_id, ARGV[8] == '1' and total() or -1}
