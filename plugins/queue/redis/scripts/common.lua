-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
--
-- Stands before every script of this folder. KEYS[1] is the common beginning of all keys,
-- "{prefix}", so that they share one hash slot; time is Redis's own.
--
-- <P>:task:<id>            hash: the record (README.md lists its fields); unknown fields are kept
-- <P>:key:<n>:<owner>:<key>  string "<n>:<hash><id>": what an idempotency key stands for; expires
-- <P>:all  <P>:owner:<owner>  <P>:pool:<pool>  <P>:state:<n>  <P>:dead
--                          sorted sets of ids by created; of states all but completed
-- <P>:waiting:<pool>       sorted set of queued ids by created
-- <P>:ready:<n>:<pool>:<place>   sorted set: those of them that may be leased, by created
-- <P>:delayed:<pool>       sorted set: those whose delay is not over, by its end
-- <P>:leases:<n>:<pool>:<place>  sorted set of running and paused ids by the end of their lease
-- <P>:ended:completed  <P>:ended:other   sorted sets of ended ids by completed
-- <P>:damaged              sorted set of ids whose record makes no sense, by when that was seen
-- <P>:pools                set of the pools that have or had tasks
-- <P>:count:<pool>  <P>:totals:<owner>   hashes: tasks by class, and by class and pool
-- <P>:load:<pool>          hash: running and paused tasks by instance
-- <P>:announced  <P>:announced:until   hash of instance states, sorted set of their ends
-- <P>:changes              stream: i (id), s (state, -1 deleted); its first entry is a mark
-- <P>:store                hash: version and id of this store
--
-- A task's place is the one instance that may run it: the one its remote scan, or a launch whose
-- outcome is not known, is bound to; else the one its submitter wants; else any (''). A held task
-- was paused while it waited. Times are microseconds. <n> is the length of what follows.

local P = KEYS[1]
local call = redis.call

local DONE, NOT_FOUND, LEASE_LOST, WRONG_STATE = 0, 1, 2, 3
local CREATED, REPLAY, CONFLICT, FULL, ID_TAKEN = 4, 5, 6, 7, 8
local QUEUED, RUNNING, PAUSED, COMPLETED, FAILED, CANCELLED = 0, 1, 2, 3, 4, 6
local DEAD_LETTER, CANCEL_REQUESTED, PAUSE_REQUESTED, RELAUNCH = 1, 2, 4, 8
local CHANGES_KEPT = 10000

local function now_us()
  local time = call('TIME')
  return time[1] * 1000000 + time[2]
end

local function integer(number) return string.format('%.0f', number) end

local function task_key(id) return P .. ':task:' .. id end
local function pool_key(kind, pool) return P .. ':' .. kind .. ':' .. pool end
local function place_key(kind, pool, place)
  return P .. ':' .. kind .. ':' .. #pool .. ':' .. pool .. ':' .. place
end

local function has(flags, bit_value) return bit.band(flags, bit_value) ~= 0 end
local function with(flags, bit_value) return bit.bor(flags, bit_value) end
local function without(flags, bit_value) return bit.band(flags, bit.bnot(bit_value)) end

local function under_way(task)
  return (task.state == RUNNING or task.state == PAUSED) and not task.held
end
local function place(task) return task.bound and task.instance or task.wanted end

-- What decides about a task. Nothing and no reason when there is none of that id; nothing and a
-- reason when its record makes no sense, which is never taken for an absent one.
local function find(id)
  local v = redis.pcall('HMGET', task_key(id), 'version', 'state', 'held', 'leased', 'epoch',
    'token', 'flags', 'pool', 'owner', 'wanted', 'instance', 'bound', 'created', 'launch', 'due',
    'worker', 'reference')
  if v.err then return nil, v.err end
  local state, created = tonumber(v[2] or ''), tonumber(v[13] or '')
  if not v[1] then
    if call('EXISTS', task_key(id)) == 0 then return nil end
    return nil, 'it has no version'
  end
  if string.match(v[1], '^%d+') ~= '1' then return nil, 'its version is ' .. v[1] end
  if not state or state < QUEUED or state > CANCELLED or state % 1 ~= 0 then
    return nil, 'its state is ' .. tostring(v[2])
  end
  if not created or not v[8] or not v[9] then return nil, 'pool, owner or created is missing' end
  return {
    id = id, state = state, held = v[3] == '1', leased = v[4] == '1', epoch = v[5] or '0',
    token = v[6] or '', flags = tonumber(v[7] or '') or 0, pool = v[8], owner = v[9],
    wanted = v[10] or '', instance = v[11] or '', bound = v[12] == '1', created = created,
    launch = v[14] or '0', due = tonumber(v[15] or '') or 0, worker = v[16] or '',
    reference = v[17] or '',
  }
end

local function damaged(id, why)
  return redis.error_reply('DAMAGED ' .. string.sub(id, 1, 128) .. ': ' .. why)
end

local function copy(task)
  local other = {}
  for name, value in pairs(task) do other[name] = value end
  return other
end

-- Field changes of one record, applied at once; an empty value removes its field.
local function change_set() return {set = {}, gone = {}} end
local function put(changes, field, value)
  if value == '' then
    table.insert(changes.gone, field)
  else
    table.insert(changes.set, field)
    table.insert(changes.set, value)
  end
end
local function apply(id, changes)
  if #changes.set > 0 then call('HSET', task_key(id), unpack(changes.set)) end
  if #changes.gone > 0 then call('HDEL', task_key(id), unpack(changes.gone)) end
end

-- The sorted sets that a task stands in for what it is now, with its scores. A lease's end is not
-- in the record: without `lease_until` it stays what it was.
local function homes(task)
  local sets = {}
  if task.state ~= COMPLETED then sets[P .. ':state:' .. task.state] = task.created end
  if has(task.flags, DEAD_LETTER) then sets[P .. ':dead'] = task.created end
  if under_way(task) then
    sets[place_key('leases', task.pool, place(task))] = task.lease_until or false
  elseif task.state == QUEUED then
    sets[pool_key('waiting', task.pool)] = task.created
    if task.due > 0 then
      sets[pool_key('delayed', task.pool)] = task.due
    else
      sets[place_key('ready', task.pool, place(task))] = task.created
    end
  elseif task.state == COMPLETED then
    sets[P .. ':ended:completed'] = task.completed or false
  elseif task.state > COMPLETED then
    sets[P .. ':ended:other'] = task.completed or false
  end
  return sets
end

local function class(task)
  return task.state .. (task.held and 'h' or '') .. (has(task.flags, DEAD_LETTER) and 'd' or '')
end
local function count(task, change)
  local kind = class(task)
  call('HINCRBY', pool_key('count', task.pool), kind, change)
  local field = kind .. ':' .. task.pool
  local totals = P .. ':totals:' .. task.owner
  if call('HINCRBY', totals, field, change) <= 0 then call('HDEL', totals, field) end
end

-- Moves a task from the sets and counters of what it was to those of what it is.
local function move(old, new)
  local before, after = homes(old), homes(new)
  for key in pairs(before) do
    if after[key] == nil then call('ZREM', key, new.id) end
  end
  for key, score in pairs(after) do
    if score and before[key] ~= score then call('ZADD', key, score, new.id) end
  end
  if class(old) ~= class(new) then
    count(old, -1)
    count(new, 1)
  end
  local left = under_way(old) and old.instance or nil
  local taken = under_way(new) and new.instance or nil
  if left ~= taken then
    if left then call('HINCRBY', pool_key('load', old.pool), left, -1) end
    if taken then call('HINCRBY', pool_key('load', new.pool), taken, 1) end
  end
end

-- What holds the lease, or why it holds none.
local function holding(id, epoch, token)
  local task, why = find(id)
  if why then return nil, nil, why end
  if not task then return nil, NOT_FOUND end
  if under_way(task) and task.leased and task.epoch == epoch and task.token == token then
    return task, DONE
  end
  return task, LEASE_LOST
end

local function note(id, state)
  call('XADD', P .. ':changes', 'MAXLEN', '~', CHANGES_KEPT, '*', 'i', id, 's', state)
end

-- The record as the client reads it: field, value, ..., and under names that no field has, how
-- long its lease and its delay still run, and its position when asked for.
local function tell(task, now, with_position)
  local record = call('HGETALL', task_key(task.id))
  local function add(name, value)
    record[#record + 1] = name
    record[#record + 1] = value
  end
  add('@id', task.id)
  if under_way(task) then
    local left = (tonumber(call('ZSCORE', place_key('leases', task.pool, place(task)), task.id) or
      '') or 0) - now
    if task.leased then
      add('@lease_left', integer(left))
    elseif left > 0 then
      add('@delay', integer(left))
    end
  elseif task.state == QUEUED then
    if task.due > now then add('@delay', integer(task.due - now)) end
    if with_position then
      add('@position', (call('ZRANK', pool_key('waiting', task.pool), task.id) or -1) + 1)
    end
  end
  return record
end

local function remove(task)
  for key in pairs(homes(task)) do call('ZREM', key, task.id) end
  count(task, -1)
  for _, key in ipairs({P .. ':all', P .. ':owner:' .. task.owner, P .. ':pool:' .. task.pool}) do
    call('ZREM', key, task.id)
  end
  local key = call('HGET', task_key(task.id), 'key')
  if key then
    local name = P .. ':key:' .. #task.owner .. ':' .. task.owner .. ':' .. key
    local length, rest = string.match(call('GET', name) or '', '^(%d+):(.*)$')
    if length and string.sub(rest, length + 1) == task.id then call('DEL', name) end
  end
  call('DEL', task_key(task.id))
  note(task.id, -1)
end
