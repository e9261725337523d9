-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
--
-- Stores a task unless its key, its id or its pool's cap say otherwise.
-- ARGV: id, trace, owner, pool, wanted, submission, created, cap, key, hash, key's ms
-- Answers {outcome}, {outcome, position} or {outcome, record}.

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
if call('EXISTS', task_key(id)) == 1 then return {ID_TAKEN} end
local held = tonumber(call('HGET', pool_key('count', pool), '2h') or 0)
if call('ZCARD', pool_key('waiting', pool)) + held >= tonumber(cap) then return {FULL} end

local fields = {'version', '1', 'state', QUEUED, 'trace', trace, 'owner', owner, 'pool', pool,
  'created', created, 'attempt', '1', 'submission', submission}
local function add(name, value)
  if value == '' then return end
  fields[#fields + 1] = name
  fields[#fields + 1] = value
end
add('wanted', wanted)
add('key', key)
call('HSET', task_key(id), unpack(fields))
if key ~= '' and tonumber(key_ms) > 0 then
  call('SET', key_name, #hash .. ':' .. hash .. id, 'PX', key_ms)
end

local task = {id = id, state = QUEUED, flags = 0, owner = owner, pool = pool, wanted = wanted,
  created = tonumber(created), due = 0}
for name, score in pairs(homes(task)) do call('ZADD', name, score, id) end
for _, name in ipairs({P .. ':all', P .. ':owner:' .. owner, P .. ':pool:' .. pool}) do
  call('ZADD', name, task.created, id)
end
call('SADD', P .. ':pools', pool)
count(task, 1)
note(id, QUEUED)
return {CREATED, call('ZRANK', pool_key('waiting', pool), id) + 1}
