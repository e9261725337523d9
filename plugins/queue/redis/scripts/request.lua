-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
-- uses: base writes find move tell
--
-- Cancel (0), pause (1) or resume (2): at once for a task that waits or is held, a flag for one
-- under way. A repeat is harmless.
-- ARGV: id, what, host's now us
-- Answers {outcome} or {outcome, record}.

local CANCEL, PAUSE = 0, 1

local id, what = ARGV[1], tonumber(ARGV[2])
local task, why = find(id)
if why then return damaged(id, why) end
if not task then return {NOT_FOUND} end

local function answer(outcome, as) return {outcome, tell(as or task, now_us(), true)} end
if what == CANCEL and task.state == CANCELLED then return answer(DONE) end
if task.state >= COMPLETED then return answer(WRONG_STATE) end

local new = copy(task)
if under_way(task) then
  if what == CANCEL then
    new.flags = with(task.flags, CANCEL_REQUESTED)
  elseif what == PAUSE then
    new.flags = with(task.flags, PAUSE_REQUESTED)
  else
    new.flags = without(task.flags, PAUSE_REQUESTED)
  end
  if new.flags == task.flags then return answer(DONE) end
  call('HSET', task_key(id), 'flags', new.flags)
elseif what == CANCEL then
  new.state, new.held, new.due = CANCELLED, false, 0
  new.flags = with(task.flags, CANCEL_REQUESTED)
  new.completed = tonumber(ARGV[3])
  call('HSET', task_key(id), 'state', CANCELLED, 'held', '0', 'due', '0', 'flags', new.flags,
    'completed', ARGV[3])
else
  new.held = what == PAUSE
  if new.held == task.held then return answer(DONE) end
  new.state = new.held and PAUSED or QUEUED
  call('HSET', task_key(id), 'state', new.state, 'held', new.held and '1' or '0')
  if not new.held then call('HSET', task_key(id), 'queued', ARGV[3]) end
end
move(task, new)
note(id, new.state)
return settle() or answer(DONE, new)
