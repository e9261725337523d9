-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
--
-- Removes tasks that have ended, with their idempotency keys. Their ids stay taken for three days, so
-- that a node can tell a removed task from a lost one.

local REMEMBERED_S = 3 * 24 * 3600
local bereft = {}

local function erase(task)
  local id, owner = task.id, task.owner
  put(home(task), id)
  local by_state = state_set(task)
  if by_state then put(by_state, id) end
  if has(task.flags, DEAD_LETTER) then put(P .. ':dead', id) end
  put(P .. ':all', id)
  put(P .. ':owner:' .. owner, id)
  count(owner, task.pool, class(task), -1)
  bereft[owner] = true
  local key = call('HGET', task_key(id), 'key')
  if key then
    local name = P .. ':key:' .. #owner .. ':' .. owner .. ':' .. key
    local length, rest = string.match(call('GET', name) or '', '^(%d+):(.*)$')
    if length and string.sub(rest, length + 1) == id then call('DEL', name) end
  end
  call('DEL', task_key(id))
  call('SET', P .. ':gone:' .. id, '', 'EX', REMEMBERED_S)
  note(id, -1)
end

local function settle_erased()
  local failed = settle()
  for owner in pairs(bereft) do
    if call('EXISTS', P .. ':owner:' .. owner) == 0 then call('DEL', P .. ':totals:' .. owner) end
  end
  return failed
end
