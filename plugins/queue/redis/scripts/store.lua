-- SPDX-FileCopyrightText: scanhost contributors
-- SPDX-License-Identifier: Apache-2.0
--
-- The store's version and id; makes them in a store that has none, which is then a new one.
-- ARGV: an id for a new store
-- Answers {version, id, damaged records}.

local store = P .. ':store'
if call('HSETNX', store, 'id', ARGV[1]) == 1 then call('HSET', store, 'version', '1') end
local found = call('HMGET', store, 'version', 'id')
return {found[1] or '', found[2], call('ZCARD', P .. ':damaged')}
