-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
-- uses: base
--
-- The store's version and id; makes them in a store that has none, which is then a new one. The
-- counter of changes begins at the time of day, so that it grows even over an emptied store.
-- ARGV: an id for a new store
-- Answers {version, id, damaged records}.

local store = P .. ':store'
if call('HSETNX', store, 'id', ARGV[1]) == 1 then call('HSET', store, 'version', '1') end
call('SET', P .. ':changes', integer(now_us()), 'NX')
local found = call('HMGET', store, 'version', 'id')
return {found[1] or '', found[2], call('ZCARD', P .. ':damaged')}
