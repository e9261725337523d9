-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
-- uses: base find holding move tell
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
if not has(fields, STATE) then
  state = task.state
elseif state ~= RUNNING and state ~= PAUSED then
  return {WRONG_STATE, tell(task, now_us())}
end

local new = copy(task)
local launches = has(fields, INTENT) or has(fields, LAUNCH)
new.state = state
if launches then new.flags = without(task.flags, RELAUNCH) end  -- the permission is spent
new.bound = task.bound or launches or has(fields, REFERENCE)
if lease_set(new) ~= lease_set(task) then
  new.lease_until = tonumber(call('ZSCORE', home(task), id) or 0)
end
move(task, new)

local changed = {'state', state, 'flags', new.flags, 'bound', new.bound and '1' or '0'}
local function put(field, value)
  changed[#changed + 1] = field
  changed[#changed + 1] = value
end
if has(fields, INTENT) then
  call('HINCRBY', task_key(id), 'launch', 1)
  put('reference', '')
  put('run', '')
end
if has(fields, LAUNCH) then put('launch', ARGV[6]) end
if has(fields, REFERENCE) then put('reference', ARGV[7]) end
if has(fields, RUN) then put('run', ARGV[8]) end
if has(fields, PROGRESS) then put('progress', ARGV[9]) end
call('HSET', task_key(id), unpack(changed))
note(id, state)
return {DONE, tell(new, now_us())}
