-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
--
-- For a script that does the same for many: calls `one` with where each item's arguments begin in
-- ARGV, less one. What fails, fails alone; its answer is the error.

local function each(width, one)
  local answers = {}
  for at = 0, #ARGV - 1, width do
    local done, answer = pcall(one, at)
    if not done and type(answer) ~= 'table' then answer = redis.error_reply(answer) end
    answers[#answers + 1] = answer
  end
  return answers
end
