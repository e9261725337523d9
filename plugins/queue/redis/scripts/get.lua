-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
-- uses: base find tell
--
-- Tells one task.
-- ARGV: id
-- Answers its record, or nothing.

local task, why = find(ARGV[1])
if why then return damaged(ARGV[1], why) end
return task and tell(task, now_us(), true)
