-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
-- uses: base writes find holding move items
--
-- Ends tasks under their leases.
-- ARGV: id, epoch, token, state, error class, dead letter, completed, message, generation, progress
--       of each
-- Answers the outcome of each.

local function finish(at)
  local id, epoch, token, state, error_class = unpack(ARGV, at + 1, at + 5)
  local dead_letter, completed, message, generation, progress = unpack(ARGV, at + 6, at + 10)
  state = tonumber(state)
  if state < COMPLETED then return WRONG_STATE end
  local task, outcome, why = holding(id, epoch, token)
  if why then return damaged(id, why) end
  if outcome ~= DONE then return outcome end

  local new = copy(task)
  new.state = state
  new.completed = tonumber(completed)
  new.flags = bit.band(task.flags, CANCEL_REQUESTED)
  if dead_letter == '1' and state == FAILED then new.flags = with(new.flags, DEAD_LETTER) end
  local changed = {'state', integer(state), 'completed', completed, 'flags', integer(new.flags), 'error_class',
    error_class, 'error', message, 'generation', generation, 'leased', '0', 'token', ''}
  if progress ~= '' then
    changed[#changed + 1] = 'progress'
    changed[#changed + 1] = progress
  end
  call('HSET', task_key(id), unpack(changed))
  move(task, new)
  note(id, state)
  return DONE
end

local answers = each(10, finish)
return settle() or answers
