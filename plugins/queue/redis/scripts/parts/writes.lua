-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
--
-- What a script changes in sets and counters is gathered while it decides, and written by `settle`:
-- one command for each set and each counter, however many tasks it moves. Records are written at
-- once. What `settle` has not written yet, no command sees.

local moved, counted, notes = {}, {}, {}

-- Without a score the id leaves the set.
local function put(set, id, score)
  local ids = moved[set]
  if not ids then
    ids = {}
    moved[set] = ids
  end
  ids[id] = type(score) == 'number' and integer(score) or score or false
end
local function change(hash, field, by)
  local fields = counted[hash]
  if not fields then
    fields = {}
    counted[hash] = fields
  end
  fields[field] = (fields[field] or 0) + by
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
  for set, ids in pairs(moved) do
    local added, removed = {}, {}
    for id, score in pairs(ids) do
      if score then
        added[#added + 1] = score
        added[#added + 1] = id
      else
        removed[#removed + 1] = id
      end
    end
    if #removed > 0 then try('ZREM', set, unpack(removed)) end
    if #added > 0 then try('ZADD', set, unpack(added)) end
  end
  for hash, fields in pairs(counted) do
    for field, by in pairs(fields) do
      if by ~= 0 then try('HINCRBY', hash, field, by) end
    end
  end
  if #notes > 0 then tell_notes() end
  moved, counted, notes = {}, {}, {}
  return failure
end
