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

-- Nothing and no reason when there is no task of that id; nothing and a reason when its record makes
-- no sense, which is never taken for an absent one.
local function find(id)
  local v = redis.pcall('HMGET', task_key(id), 'version', 'state', 'held', 'leased', 'epoch',
    'token', 'flags', 'pool', 'owner', 'wanted', 'instance', 'bound', 'created', 'due', 'worker',
    'reference', 'started', 'takeovers')
  if v.err then return nil, v.err end
  if not v[1] then
    if call('EXISTS', task_key(id)) == 0 then return nil end
    return nil, 'it has no version'
  end
  if v[1] ~= '1' and string.sub(v[1], 1, 2) ~= '1.' then return nil, 'its version is ' .. v[1] end
  local state, created = tonumber(v[2] or ''), tonumber(v[13] or '')
  if not state or state < QUEUED or state > CANCELLED or state % 1 ~= 0 then
    return nil, 'its state is ' .. tostring(v[2])
  end
  if not created or not v[8] or not v[9] then return nil, 'pool, owner or created is missing' end
  return {
    id = id, state = state, held = v[3] == '1', leased = v[4] == '1', epoch = v[5] or '0',
    token = v[6] or '', flags = tonumber(v[7] or '') or 0, pool = v[8], owner = v[9],
    wanted = v[10] or '', instance = v[11] or '', bound = v[12] == '1', created = created,
    due = tonumber(v[14] or '') or 0, worker = v[15] or '', reference = v[16] or '',
    started = v[17] or '0', takeovers = tonumber(v[18] or '') or 0,
  }
end

local function damaged(id, why)
  return redis.error_reply('DAMAGED ' .. string.sub(id, 1, 128) .. ': ' .. why)
end
