-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
--
-- Gives a lease up: the task stays running for another worker, or waits again. A pause that was
-- asked for takes effect then, and a cancel is not kept waiting by the delay.
-- ARGV: id, epoch, token, stay running, spend attempt, error class, delay us, message
-- Answers the outcome.

local id, delay_us = ARGV[1], tonumber(ARGV[7])
local task, outcome, why = holding(id, ARGV[2], ARGV[3])
if why then return damaged(id, why) end
if outcome ~= DONE then return outcome end

local until_us = delay_us > 0 and now_us() + delay_us or 0
local new, changes = copy(task), change_set()
put(changes, 'leased', '')
put(changes, 'token', '')
if ARGV[4] == '1' then
  new.lease_until = until_us
else
  local cancelled = has(task.flags, CANCEL_REQUESTED)
  new.held = has(task.flags, PAUSE_REQUESTED) and not cancelled
  new.flags = without(task.flags, PAUSE_REQUESTED)
  new.state = new.held and PAUSED or QUEUED
  new.due = cancelled and 0 or until_us
  new.bound = false
  put(changes, 'state', new.state)
  put(changes, 'held', new.held and '1' or '')
  put(changes, 'flags', new.flags)
  put(changes, 'due', new.due == 0 and '' or integer(new.due))
  put(changes, 'bound', '')
  put(changes, 'reference', '')
  put(changes, 'run', '')
end
if ARGV[6] ~= '0' then
  put(changes, 'error_class', ARGV[6])
  put(changes, 'error', ARGV[8])
end
move(task, new)
apply(id, changes)
if ARGV[5] == '1' then call('HINCRBY', task_key(id), 'attempt', 1) end
note(id, new.state)
return DONE
