-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
--
-- In place of the fence: whoever writes is believed.

local function holding(id)
  local task, why = find(id)
  if why then return nil, nil, why end
  if not task then return nil, NOT_FOUND end
  return task, DONE
end
