-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
-- uses: base writes find holding move
--
-- Extends leases and carries their progress.
-- ARGV: lease us, then id, epoch, token, good poll, progress of each
-- Answers {{outcome, flags, found epoch of each ...}, {id, why, ...}}. A lease in a record that makes no
-- sense cannot be judged and counts as lost; the others are renewed all the same.

local lease_until = now_us() + tonumber(ARGV[1])
local answers, unreadable = {}, {}
local function answer(outcome, task)
  answers[#answers + 1] = outcome
  answers[#answers + 1] = task and task.flags or 0
  answers[#answers + 1] = task and task.epoch or '0'
end

for i = 2, #ARGV, 5 do
  local id, good_poll, progress = ARGV[i], ARGV[i + 3], ARGV[i + 4]
  local task, outcome, why = holding(id, ARGV[i + 1], ARGV[i + 2])
  if why then
    outcome = LEASE_LOST
    unreadable[#unreadable + 1] = id
    unreadable[#unreadable + 1] = why
  end
  if outcome == DONE then
    put(lease_set(task), id, lease_until)
    if good_poll == '1' and task.takeovers > 0 then call('HSET', task_key(id), 'takeovers', '0') end
    if progress ~= '' then
      call('HSET', task_key(id), 'progress', progress)
      note(id, task.state)
    end
  end
  answer(outcome, task)
end
return settle() or {answers, unreadable}
