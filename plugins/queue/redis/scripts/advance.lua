-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
--
-- Changes a task under its lease.
-- ARGV: id, epoch, token, fields (SCANHOST_CHANGE_* bits), state, launch, reference, run id,
--       progress
-- Answers {outcome} or {outcome, record}.

local INTENT, REFERENCE, RUN, STATE, PROGRESS, LAUNCH = 1, 2, 4, 8, 16, 32

local id, fields = ARGV[1], tonumber(ARGV[4])
local task, outcome, why = holding(id, ARGV[2], ARGV[3])
if why then return damaged(id, why) end
if outcome ~= DONE then return {outcome} end

local state = tonumber(ARGV[5])
if has(fields, STATE) and state ~= RUNNING and state ~= PAUSED then
  return {WRONG_STATE, tell(task, now_us())}
end

local new, changes = copy(task), change_set()
if has(fields, STATE) then
  new.state = state
  put(changes, 'state', state)
end
if has(fields, INTENT) then
  put(changes, 'reference', '')
  put(changes, 'run', '')
end
if has(fields, INTENT) or has(fields, LAUNCH) then
  new.flags = without(task.flags, RELAUNCH)  -- the permission is spent
  put(changes, 'flags', new.flags)
end
new.bound = task.bound or has(fields, INTENT) or has(fields, LAUNCH) or has(fields, REFERENCE)
if new.bound then put(changes, 'bound', '1') end
if place(new) ~= place(task) then
  new.lease_until = tonumber(call('ZSCORE', place_key('leases', task.pool, place(task)), id) or 0)
end
move(task, new)
apply(id, changes)

local later = change_set()
if has(fields, INTENT) then call('HINCRBY', task_key(id), 'launch', 1) end
if has(fields, LAUNCH) then put(later, 'launch', ARGV[6]) end
if has(fields, REFERENCE) then put(later, 'reference', ARGV[7]) end
if has(fields, RUN) then put(later, 'run', ARGV[8]) end
if has(fields, PROGRESS) then put(later, 'progress', ARGV[9]) end
apply(id, later)
note(id, new.state)
return {DONE, tell(new, now_us())}
