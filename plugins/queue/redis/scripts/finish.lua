-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
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
new.flags = without(without(without(task.flags, DEAD_LETTER), PAUSE_REQUESTED), RELAUNCH)
if ARGV[6] == '1' and state == FAILED then new.flags = with(new.flags, DEAD_LETTER) end
move(task, new)

local changes = change_set()
put(changes, 'state', state)
put(changes, 'completed', ARGV[7])
put(changes, 'flags', new.flags == 0 and '' or new.flags)
put(changes, 'error_class', ARGV[5] == '0' and '' or ARGV[5])
put(changes, 'error', ARGV[8])
put(changes, 'generation', ARGV[9])
if ARGV[10] ~= '' then put(changes, 'progress', ARGV[10]) end
put(changes, 'leased', '')
put(changes, 'token', '')
apply(id, changes)
note(id, state)
return DONE
