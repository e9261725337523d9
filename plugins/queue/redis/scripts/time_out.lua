-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
-- uses: base writes find move
--
-- Ends as timeout a task that nobody works on, if it is still as it was seen.
-- ARGV: id, epoch, completed, error class, message
-- Answers the outcome.

local TIMEOUT = 5

local id = ARGV[1]
local task, why = find(id)
if why then return damaged(id, why) end
if not task then return NOT_FOUND end
if task.state >= COMPLETED or task.held then return WRONG_STATE end
if task.epoch ~= ARGV[2] then return LEASE_LOST end
if under_way(task) and task.leased then
  local ends = call('ZSCORE', lease_set(task), id)
  if tonumber(ends or '') and tonumber(ends) > now_us() then return LEASE_LOST end
end

local new = copy(task)
new.state, new.leased, new.due = TIMEOUT, false, 0
new.completed = tonumber(ARGV[3])
new.flags = bit.band(task.flags, CANCEL_REQUESTED)
move(task, new)
call('HSET', task_key(id), 'state', TIMEOUT, 'completed', ARGV[3], 'flags', new.flags, 'due', '0',
  'leased', '0', 'token', '', 'error_class', ARGV[4], 'error', ARGV[5])
note(id, TIMEOUT)
return settle() or DONE
