// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@

/// @NAME@: what it is, what it may be told, and its one class.
#include <scanhost/plugin.h>

#include "scanner.h"

namespace {

constexpr char manifest[] = R"json({
 "name": "@NAME@", "version": ")json" PLUGIN_VERSION R"json(",
 "vendor": "@VENDOR@", "licence": "@LICENCE@",
 "abi": {"major": @ABI_MAJOR@},
 "provides": [@scanhost.scanner.remote/1@],
 "max_parallel": 4,
 "config_schema": {"type": "object", "additionalProperties": false, "properties": {
  "folder": {"type": "string", "default": "/var/spool/@NAME@/", "pattern": "^/.+/$",
   "x-access": "write", "description": "the folder that the scanner looks into, with a / at its end"}}}
})json";

}  // namespace

SCANHOST_PLUGIN(manifest, @CLASS@)
