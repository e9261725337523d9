-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
-- uses: base writes find holding move
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
local new, key = copy(task), task_key(id)
if ARGV[4] == '1' then
  new.lease_until = until_us
  call('HSET', key, 'leased', '0', 'token', '')
else
  local cancelled = has(task.flags, CANCEL_REQUESTED)
  new.held = has(task.flags, PAUSE_REQUESTED) and not cancelled
  new.flags = without(task.flags, PAUSE_REQUESTED)
  new.state = new.held and PAUSED or QUEUED
  new.due = cancelled and 0 or until_us
  new.bound = false
  call('HSET', key, 'leased', '0', 'token', '', 'state', new.state, 'held', new.held and '1' or '0',
    'flags', new.flags, 'due', integer(new.due), 'bound', '0', 'reference', '', 'run', '')
end
move(task, new)
if ARGV[6] ~= '0' then call('HSET', key, 'error_class', ARGV[6], 'error', ARGV[8]) end
if ARGV[5] == '1' then call('HINCRBY', key, 'attempt', 1) end
note(id, new.state)
return settle() or DONE
