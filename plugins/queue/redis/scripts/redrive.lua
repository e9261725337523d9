-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
-- uses: base writes find move tell
--
-- Makes a failed task queued again as its next attempt.
-- ARGV: id, relaunch
-- Answers {outcome} or {outcome, record}.

local id, relaunch = ARGV[1], ARGV[2] == '1'
local task, why = find(id)
if why then return damaged(id, why) end
if not task then return {NOT_FOUND} end
if task.state ~= FAILED then return {WRONG_STATE, tell(task, now_us(), true)} end

local new = copy(task)
new.state = QUEUED
new.flags = relaunch and RELAUNCH or 0
new.due = 0
-- A launch in doubt binds the task to its instance until someone allows another.
new.bound = task.bound and not (relaunch and task.reference == '')
if relaunch then
  new.reference = ''
  call('HSET', task_key(id), 'reference', '', 'run', '')
end
move(task, new)
call('HSET', task_key(id), 'state', QUEUED, 'flags', new.flags, 'bound', new.bound and '1' or '0',
  'takeovers', '0', 'completed', '0', 'due', '0', 'queued', integer(now_us()))
call('HINCRBY', task_key(id), 'attempt', 1)
note(id, QUEUED)
return settle() or {DONE, tell(new, now_us(), true)}
