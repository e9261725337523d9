-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
--
-- What a script changes in sets and counters is gathered while it decides, and written by `settle`:
-- one command for each set and each counter, however many tasks it moves. Records are written at
-- once. What `settle` has not written yet, no command sees.

local added, removed, counted, notes = {}, {}, {}, {}

-- Without a score the id leaves the set. Removals are written first, so between two `settle` no id
-- may join a set and then leave it.
local function put(set, id, score)
  if score then
    if type(score) == 'number' then score = integer(score) end
    local command = added[set]
    if command then
      local n = #command
      command[n + 1], command[n + 2] = score, id
    else
      added[set] = {'ZADD', set, score, id}
    end
  else
    local command = removed[set]
    if command then
      command[#command + 1] = id
    else
      removed[set] = {'ZREM', set, id}
    end
  end
end
local function change(hash, field, by)
  local fields = counted[hash]
  if fields then
    fields[field] = (fields[field] or 0) + by
  else
    counted[hash] = {[field] = by}
  end
end
local function note(id, state) notes[#notes + 1] = ' ' .. integer(state) .. ' ' .. id end

local failure
local function try(...)
  local reply = redis.pcall(...)
  if type(reply) == 'table' and reply.err then failure = failure or reply end
  return reply
end

local function tell_notes()
  local last = try('INCRBY', P .. ':changes', #notes)
  if failure then return end
  for i = 1, #notes do notes[i] = integer(last - #notes + i) .. notes[i] end
  try('PUBLISH', P .. ':changes', table.concat(notes, '\n'))
end

-- Tries all and answers the first error: a foreign key spoils no more than its own.
local function settle()
  for _, command in pairs(removed) do try(unpack(command)) end
  for _, command in pairs(added) do try(unpack(command)) end
  for hash, fields in pairs(counted) do
    for field, by in pairs(fields) do
      if by ~= 0 then try('HINCRBY', hash, field, integer(by)) end
    end
  end
  if #notes > 0 then tell_notes() end
  added, removed, counted, notes = {}, {}, {}, {}
  return failure
end
