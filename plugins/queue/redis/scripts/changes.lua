-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
--
-- Changes after an entry of the stream, or that the entry is no longer known.
-- ARGV: entry's id, most
-- Answers {0, {id, {field, value, ...}} ...} or {1, id of the last entry}.

local stream = P .. ':changes'
if #call('XRANGE', stream, ARGV[1], ARGV[1]) == 0 then
  local last = call('XREVRANGE', stream, '+', '-', 'COUNT', 1)
  return {1, last[1] and last[1][1] or call('XADD', stream, '*', 'mark', '1')}
end
return {0, call('XRANGE', stream, '(' .. ARGV[1], '+', 'COUNT', ARGV[2])}
