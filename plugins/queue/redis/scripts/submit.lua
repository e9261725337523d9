-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
-- uses: base writes find move tell items
--
-- Stores tasks, each unless its key, its id or its pool's cap say otherwise.
-- ARGV: id, trace, owner, pool, wanted, submission, created, cap, key, hash, key's ms of each
-- Answers {outcome}, {outcome, position} or {outcome, record} of each.

local CREATED, REPLAY, CONFLICT, FULL, ID_TAKEN = 4, 5, 6, 7, 8

local waiting = {}  -- by pool, with what is being stored
local function count_waiting(pool)
  local n = tonumber(call('HGET', P .. ':count:' .. pool, '2h') or 0)
  for _, set in ipairs(queued_sets(pool)) do n = n + call('ZCARD', set) end
  return n
end

-- What the key stands for, if anything.
local function known_by(key_name, hash)
  local length, rest = string.match(call('GET', key_name) or '', '^(%d+):(.*)$')
  if not length then return end
  local id = string.sub(rest, length + 1)
  local task, why = find(id)
  if why then return damaged(id, why) end
  if not task then return end
  if string.sub(rest, 1, length) ~= hash then return {CONFLICT} end
  return {REPLAY, tell(task, now_us(), true)}
end

local created_tasks = {}  -- by answer
local function submit(at)
  local id, trace, owner, pool, wanted, submission = unpack(ARGV, at + 1, at + 6)
  local created, cap, key, hash, key_ms = unpack(ARGV, at + 7, at + 11)
  local key_name = P .. ':key:' .. #owner .. ':' .. owner .. ':' .. key

  local known = key ~= '' and known_by(key_name, hash)
  if known then return known end
  if call('EXISTS', task_key(id), P .. ':gone:' .. id) > 0 then return {ID_TAKEN} end
  if not waiting[pool] then
    waiting[pool] = count_waiting(pool)
    call('SADD', P .. ':pools', pool)
  end
  if waiting[pool] >= tonumber(cap) then return {FULL} end

  local task = {id = id, state = QUEUED, flags = 0, owner = owner, pool = pool, wanted = wanted,
    created = created, due = 0}
  call('HSET', task_key(id), 'version', '1', 'state', '0', 'trace', trace, 'owner', owner, 'pool',
    pool, 'wanted', wanted, 'created', created, 'attempt', '1', 'key', key, 'submission', submission)
  if key ~= '' and tonumber(key_ms) > 0 then
    call('SET', key_name, #hash .. ':' .. hash .. id, 'PX', key_ms)
  end
  local set, score = home(task)
  put(set, id, score)
  put(P .. ':all', id, score)
  put(P .. ':owner:' .. owner, id, score)
  if wanted ~= '' then call('SADD', P .. ':places:' .. pool, wanted) end
  count(owner, pool, '0', 1)
  note(id, QUEUED)
  waiting[pool] = waiting[pool] + 1
  local answer = {CREATED}
  created_tasks[answer] = task
  return answer
end

local answers = each(11, submit)
local failed = settle()
if failed then return failed end
local sets = {}  -- by pool
for answer, task in pairs(created_tasks) do
  sets[task.pool] = sets[task.pool] or queued_sets(task.pool)
  answer[2] = position(task, sets[task.pool])
end
return answers
