// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@

/// @NAME@: what it is, what it may be told, and its one class.
#include <scanhost/plugin.h>

#include "exporter.h"

namespace {

constexpr char manifest[] = R"json({
 "name": "@NAME@", "version": ")json" PLUGIN_VERSION R"json(",
 "vendor": "@VENDOR@", "licence": "@LICENCE@",
 "abi": {"major": @ABI_MAJOR@},
 "provides": [@scanhost.exporter/1@],
 "config_schema": {"type": "object", "additionalProperties": false, "properties": {
  "path": {"type": "string", "default": "/@SHORT@", "pattern": "^/[a-z0-9/_-]+$",
   "description": "where the metrics are served"},
  "level": {"type": "string", "default": "warning", "enum": ["debug", "info", "warning", "error"],
   "description": "the least level of events that are kept"}}}
})json";

}  // namespace

SCANHOST_PLUGIN(manifest, @CLASS@)
