-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
--
-- The fence: the task that this lease holds and DONE, or why it holds none.

local function holding(id, epoch, token)
  local task, why = find(id)
  if why then return nil, nil, why end
  if not task then return nil, NOT_FOUND end
  if under_way(task) and task.leased and task.epoch == epoch and task.token == token then
    return task, DONE
  end
  return task, LEASE_LOST
end
