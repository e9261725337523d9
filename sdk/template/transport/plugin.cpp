// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@

/// @NAME@: what it is, what it may be told, and its one class.
#include <scanhost/plugin.h>

#include "transport.h"

namespace {

constexpr char manifest[] = R"json({
 "name": "@NAME@", "version": ")json" PLUGIN_VERSION R"json(",
 "vendor": "@VENDOR@", "licence": "@LICENCE@",
 "abi": {"major": @ABI_MAJOR@},
 "provides": [@scanhost.transport/1@],
 "requires": [@scanhost.host.http/1@, @scanhost.host.operations/1@],
 "config_schema": {"type": "object", "additionalProperties": false, "properties": {
  "path": {"type": "string", "default": "/@SHORT@", "pattern": "^/[a-z0-9/_-]*[a-z0-9]$",
   "description": "where the operations are served"}}}
})json";

}  // namespace

SCANHOST_PLUGIN(manifest, @CLASS@)
