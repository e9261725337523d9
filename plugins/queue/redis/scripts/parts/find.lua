-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
--
-- Reads what decides about a task.

local function under_way(task)
  return (task.state == RUNNING or task.state == PAUSED) and not task.held
end
local function place(task) return task.bound and task.instance or task.wanted end
local function lease_set(task)
  return place_key(place(task) == '' and 'leases:free' or 'leases', task.pool, task.instance)
end

local FIELDS = {'version', 'state', 'flags', 'takeovers', 'attempt', 'error_class', 'epoch',
  'created', 'due', 'started', 'launch', 'queued', 'completed', 'held', 'leased', 'token', 'pool',
  'owner', 'wanted', 'instance', 'bound', 'worker', 'reference'}

-- Why these are no numbers that a client can read: of at most nine digits up to the last short one.
local LAST_SHORT, LAST_NUMBER = 6, 13
local function misread(v)
  for i = 2, LAST_NUMBER do
    local digits = v[i]
    if digits and digits ~= '0' and digits ~= '1' and
        (#digits > (i > LAST_SHORT and 18 or 9) or not string.find(digits, '^%d+$')) then
      return 'its ' .. FIELDS[i] .. ' is no number'
    end
  end
end

-- The task of the values of FIELDS; nothing and why when they make no sense.
local function understand(id, v)
  if not v[1] then return nil, 'it has no version' end
  if v[1] ~= '1' and string.sub(v[1], 1, 2) ~= '1.' then return nil, 'its version is ' .. v[1] end
  local why = misread(v)
  if why then return nil, why end
  local state = tonumber(v[2] or '')
  if not state or state > CANCELLED then return nil, 'its state is ' .. tostring(v[2]) end
  if not v[8] or not v[17] or not v[18] then return nil, 'pool, owner or created is missing' end
  return {
    id = id, state = state, flags = tonumber(v[3] or 0), takeovers = tonumber(v[4] or 0),
    epoch = v[7] or '0', created = v[8], due = tonumber(v[9] or 0), started = v[10] or '0',
    held = v[14] == '1', leased = v[15] == '1', token = v[16] or '', pool = v[17], owner = v[18],
    wanted = v[19] or '', instance = v[20] or '', bound = v[21] == '1', worker = v[22] or '',
    reference = v[23] or '',
  }
end

-- Nothing and no reason when there is no task of that id; nothing and a reason when its record makes
-- no sense, which is never taken for an absent one.
local function find(id)
  local v = redis.pcall('HMGET', task_key(id), unpack(FIELDS))
  if v.err then return nil, v.err end
  if not v[1] and call('EXISTS', task_key(id)) == 0 then return nil end
  return understand(id, v)
end

-- As `find`, and the whole record (field, value, ...) with where each field stands in it.
local function find_whole(id)
  local record = redis.pcall('HGETALL', task_key(id))
  if record.err then return nil, record.err end
  if #record == 0 then return nil end
  local at, v = {}, {}
  for i = 1, #record, 2 do at[record[i]] = i end
  for i = 1, #FIELDS do
    local found = at[FIELDS[i]]
    v[i] = found and record[found + 1]
  end
  local task, why = understand(id, v)
  return task, why, record, at
end

local function damaged(id, why)
  return redis.error_reply('DAMAGED ' .. string.sub(id, 1, 128) .. ': ' .. why)
end
