-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
-- uses: base writes find move erase
--
-- Removes a task that has ended, with its idempotency key.
-- ARGV: id
-- Answers the outcome.

local task, why = find(ARGV[1])
if why then return damaged(ARGV[1], why) end
if not task then return NOT_FOUND end
if task.state < COMPLETED then return WRONG_STATE end
erase(task)
return settle_erased() or DONE
