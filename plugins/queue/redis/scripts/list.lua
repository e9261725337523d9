-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
--
-- One step of a walk over the set that leaves least to pass over. No snapshot.
-- ARGV: state (-1 any), dead letter (-1 any), owner, pool, most, most looked at, oldest first,
--       count, cursor's score, cursor's id ('' from the start)
-- Answers {records, score, id, total}; score and id are of the last one looked at, '' at the end.

local state, dead, owner, pool = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4]
local most, longest, oldest_first = tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7] == '1'
local most_bytes = 8 * 1024 * 1024

local function total()
  local sum = 0
  local function add(counts, wanted_pool)
    for i = 1, #counts, 2 do
      local found, of_pool = string.match(counts[i], '^([^:]+):?(.*)$')
      local is_dead = string.find(found, 'd', 1, true) and 1 or 0
      if (state < 0 or tonumber(string.sub(found, 1, 1)) == state) and
         (dead < 0 or is_dead == dead) and (wanted_pool == '' or of_pool == wanted_pool) then
        sum = sum + tonumber(counts[i + 1])
      end
    end
  end
  if owner ~= '' then
    add(call('HGETALL', P .. ':totals:' .. owner), pool)
  else
    local pools = pool ~= '' and {pool} or call('SMEMBERS', P .. ':pools')
    for _, name in ipairs(pools) do add(call('HGETALL', pool_key('count', name)), '') end
  end
  return sum
end

local set = P .. ':all'
if dead == 1 then
  set = P .. ':dead'
elseif state >= QUEUED and state < COMPLETED then
  set = P .. ':state:' .. state
elseif owner ~= '' then
  set = P .. ':owner:' .. owner
elseif pool ~= '' then
  set = P .. ':pool:' .. pool
elseif state > COMPLETED then
  set = P .. ':state:' .. state
end

-- Where the walk goes on. A cursor's task that left the set is put there for a moment to find out.
local function start()
  local score, id = ARGV[9], ARGV[10]
  if id == '' then return 0 end
  local rank_of = oldest_first and 'ZRANK' or 'ZREVRANK'
  local there = call('ZSCORE', set, id)
  if there and tonumber(there) == tonumber(score) then return call(rank_of, set, id) + 1 end
  call('ZADD', set, score, id)
  local rank = call(rank_of, set, id)
  if there then call('ZADD', set, there, id) else call('ZREM', set, id) end
  return rank
end

local function matches(task)
  return (state < 0 or task.state == state) and (owner == '' or task.owner == owner) and
    (pool == '' or task.pool == pool) and
    (dead < 0 or (has(task.flags, DEAD_LETTER) and 1 or 0) == dead)
end

local now, records, bytes, looked_at = now_us(), {}, 0, 0
local at, last_score, last_id, ended = start(), '', '', false
while true do
  local step = math.min(longest - looked_at, 100)
  if step == 0 or #records >= most or bytes >= most_bytes then break end
  local range = oldest_first and 'ZRANGE' or 'ZREVRANGE'
  local found = call(range, set, at, at + step - 1, 'WITHSCORES')
  for i = 1, #found, 2 do
    if #records >= most or bytes >= most_bytes then break end
    local id = found[i]
    local task, why = find(id)
    if not task then return damaged(id, why or 'it is missing') end
    if matches(task) then
      local record = tell(task, now)
      for _, value in ipairs(record) do bytes = bytes + #tostring(value) end
      records[#records + 1] = record
    end
    at, looked_at = at + 1, looked_at + 1
    last_id, last_score = id, found[i + 1]
  end
  if #found < 2 * step then
    ended = at >= call('ZCARD', set)
    break
  end
end
if not ended and last_id ~= '' and at >= call('ZCARD', set) then ended = true end
if last_id == '' then ended = true end
return {records, ended and '' or last_score, ended and '' or last_id,
  ARGV[8] == '1' and total() or -1}
