-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
-- uses: base find holding move
--
-- Ends a task under its lease.
-- ARGV: id, epoch, token, state, error class, dead letter, completed, message, generation, progress
-- Answers the outcome.

local id, state = ARGV[1], tonumber(ARGV[4])
if state < COMPLETED then return WRONG_STATE end
local task, outcome, why = holding(id, ARGV[2], ARGV[3])
if why then return damaged(id, why) end
if outcome ~= DONE then return outcome end

local new = copy(task)
new.state = state
new.completed = tonumber(ARGV[7])
new.flags = bit.band(task.flags, CANCEL_REQUESTED)
if ARGV[6] == '1' and state == FAILED then new.flags = with(new.flags, DEAD_LETTER) end
move(task, new)
call('HSET', task_key(id), 'state', state, 'completed', ARGV[7], 'flags', new.flags,
  'error_class', ARGV[5], 'error', ARGV[8], 'generation', ARGV[9], 'leased', '0', 'token', '')
if ARGV[10] ~= '' then call('HSET', task_key(id), 'progress', ARGV[10]) end
note(id, state)
return DONE
