-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
-- uses: base find move tell
--
-- Stores a task unless its key, its id or its pool's cap say otherwise.
-- ARGV: id, trace, owner, pool, wanted, submission, created, cap, key, hash, key's ms
-- Answers {outcome}, {outcome, position} or {outcome, record}.

local CREATED, REPLAY, CONFLICT, FULL, ID_TAKEN = 4, 5, 6, 7, 8

local id, trace, owner, pool, wanted, submission = unpack(ARGV, 1, 6)
local created, cap, key, hash, key_ms = unpack(ARGV, 7, 11)
local key_name = P .. ':key:' .. #owner .. ':' .. owner .. ':' .. key

if key ~= '' then
  local length, rest = string.match(call('GET', key_name) or '', '^(%d+):(.*)$')
  if length then
    local known_id = string.sub(rest, length + 1)
    local known, why = find(known_id)
    if why then return damaged(known_id, why) end
    if known then
      if string.sub(rest, 1, length) ~= hash then return {CONFLICT} end
      return {REPLAY, tell(known, now_us(), true)}
    end
  end
end
if call('EXISTS', task_key(id), P .. ':gone:' .. id) > 0 then return {ID_TAKEN} end
local waiting = tonumber(call('HGET', P .. ':count:' .. pool, '2h') or 0)
for _, set in ipairs(queued_sets(pool)) do waiting = waiting + call('ZCARD', set) end
if waiting >= tonumber(cap) then return {FULL} end

local task = {id = id, state = QUEUED, flags = 0, owner = owner, pool = pool, wanted = wanted,
  created = tonumber(created), due = 0}
call('HSET', task_key(id), 'version', '1', 'state', '0', 'trace', trace, 'owner', owner, 'pool',
  pool, 'wanted', wanted, 'created', created, 'attempt', '1', 'key', key, 'submission', submission)
if key ~= '' and tonumber(key_ms) > 0 then
  call('SET', key_name, #hash .. ':' .. hash .. id, 'PX', key_ms)
end
local set, score = home(task)
call('ZADD', set, score, id)
call('ZADD', P .. ':all', score, id)
call('ZADD', P .. ':owner:' .. owner, score, id)
if wanted ~= '' then call('SADD', P .. ':places:' .. pool, wanted) end
call('SADD', P .. ':pools', pool)
count(owner, pool, '0', 1)
note(id, QUEUED)
return {CREATED, position(task)}
