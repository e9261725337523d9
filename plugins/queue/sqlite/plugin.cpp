// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// queue-sqlite: what it is, what it may be told, and its one class.
#include <scanhost/plugin.h>

#include "plugins/queue/sqlite/sqlite_queue.h"

namespace {

constexpr char manifest[] =
    R"json({"name": "queue-sqlite", "version": "0.1.0", "vendor": "scanhost", "licence": "Apache-2.0",
 "abi": {"major": 1, "min_minor": 0},
 "provides": [{"interface": "scanhost.queue/1"}],
 "requires": [],
 "max_parallel": 256,
 "store": "local",
 "config_schema": {"type": "object", "additionalProperties": false, "properties": {
  "path": {"type": "string", "default": "queue.db", "minLength": 1, "maxLength": 4096,
   "description": "the database file; a relative path is below the instance's own folder"},
  "synchronous": {"type": "string", "default": "full", "enum": ["full", "normal"],
   "description": "full: what was accepted survives a loss of power; normal: the newest may not"}}}})json";

}  // namespace

SCANHOST_PLUGIN(manifest, scanhost::queue_sqlite::SqliteQueue)
