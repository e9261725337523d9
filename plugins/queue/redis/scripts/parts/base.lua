-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
--
-- What every script begins with. A script names the parts it uses in its `-- uses:` line; they are
-- put before it when the plugin is built. Parts are few and small, for each call of a script makes
-- their functions anew.
--
-- KEYS[1], here P, is the common beginning of all keys, "{prefix}", so that they share one hash
-- slot. The only clock is Redis's own. Times are microseconds; <n> is the length of what follows.
--
-- P:task:<id>            hash: the record (README.md lists its fields); unknown fields are kept
-- P:all  P:owner:<owner>  P:state:<n>  P:dead
--                        sorted sets of ids by created; of all states but queued and completed
-- P:ready:<n>:<pool>:<place>   sorted set by created: queued tasks that may be leased
-- P:places:<pool>        set of the places that such tasks named
-- P:delayed:<pool>       sorted set by the end of the delay: queued tasks that may not yet
-- P:later:<pool>         the same by created
-- P:leases:<n>:<pool>:<instance>  P:leases:free:<n>:<pool>:<instance>
--                        sorted sets by the end of the lease: running and paused tasks by where they
--                        are; free are those whose place is any, so that another may take them over
-- P:ended:completed  P:ended:other   sorted sets by completed
-- P:damaged              sorted set by when it was seen: ids whose record makes no sense
-- P:key:<n>:<owner>:<key>      string "<n>:<hash><id>": what an idempotency key stands for; expires
-- P:gone:<id>            empty string: a task that was removed; expires
-- P:totals:<owner>       hash: tasks by class and pool, as "<class>:<pool>"
-- P:pools                set of the pools that have or had tasks
-- P:count:<pool>         hash: tasks by class, of those that no set tells: held, paused, ended
-- P:load:<pool>          hash: running and paused tasks by instance
-- P:announced  P:announced:until   hash of instance states, sorted set of their ends
-- P:changes              counter of changes, and the channel that tells each, a line "<n> <state> <id>"
-- P:store                hash: version and id of this store
--
-- A class is the state, 'h' for a held task (paused while it waited), 'd' for a dead letter. A place
-- is the one instance that may run a task: the one its remote scan, or a launch whose outcome is not
-- known, is bound to; else the one its submitter wants; else any ('').

local P = KEYS[1]
local call = redis.call

local DONE, NOT_FOUND, LEASE_LOST, WRONG_STATE = 0, 1, 2, 3
local QUEUED, RUNNING, PAUSED, COMPLETED, FAILED, CANCELLED = 0, 1, 2, 3, 4, 6
local DEAD_LETTER, CANCEL_REQUESTED, PAUSE_REQUESTED, RELAUNCH = 1, 2, 4, 8

local function now_us()
  local time = call('TIME')
  return time[1] * 1000000 + time[2]
end

-- Whole numbers as text. Lua would make Redis convert each as a fraction, at several times the cost.
local SMALL = {[-1] = '-1', [0] = '0', '1', '2', '3', '4', '5', '6', '7', '8'}
local function integer(number) return SMALL[number] or string.format('%d', number) end

local function task_key(id) return P .. ':task:' .. id end
local lengths = {}  -- "<n>:<pool>:" of each pool
local function place_key(kind, pool, place)
  local name = lengths[pool]
  if not name then
    name = #pool .. ':' .. pool .. ':'
    lengths[pool] = name
  end
  return P .. ':' .. kind .. ':' .. name .. place
end
