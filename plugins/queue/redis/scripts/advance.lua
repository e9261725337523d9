-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
-- uses: base writes find holding move tell items
--
-- Changes tasks under their leases.
-- ARGV: id, epoch, token, fields (SCANHOST_CHANGE_* bits), state, launch, reference, run id,
--       progress of each
-- Answers {outcome} or {outcome, record} of each.

local INTENT, REFERENCE, RUN, STATE, PROGRESS, LAUNCH = 1, 2, 4, 8, 16, 32

local function advance(at)
  local id, epoch, token, fields, state = unpack(ARGV, at + 1, at + 5)
  local launch, reference, run, progress = unpack(ARGV, at + 6, at + 9)
  fields = tonumber(fields)
  local task, outcome, why = holding(id, epoch, token)
  if why then return damaged(id, why) end
  if outcome ~= DONE then return {outcome} end

  state = tonumber(state)
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

  local changed = {'state', integer(state), 'flags', integer(new.flags), 'bound', new.bound and '1' or '0'}
  local function set(field, value)
    changed[#changed + 1] = field
    changed[#changed + 1] = value
  end
  if has(fields, INTENT) then
    call('HINCRBY', task_key(id), 'launch', 1)
    set('reference', '')
    set('run', '')
  end
  if has(fields, LAUNCH) then set('launch', launch) end
  if has(fields, REFERENCE) then set('reference', reference) end
  if has(fields, RUN) then set('run', run) end
  if has(fields, PROGRESS) then set('progress', progress) end
  call('HSET', task_key(id), unpack(changed))
  move(task, new)
  note(id, state)
  return {DONE, tell(new, now_us())}
end

local answers = each(9, advance)
return settle() or answers
