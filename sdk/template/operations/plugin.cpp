// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@

/// @NAME@: what it is, what it may be told, and its one class.
#include <scanhost/plugin.h>

#include "operations.h"

namespace {

constexpr char manifest[] = R"json({
 "name": "@NAME@", "version": ")json" PLUGIN_VERSION R"json(",
 "vendor": "@VENDOR@", "licence": "@LICENCE@",
 "abi": {"major": @ABI_MAJOR@},
 "provides": [@scanhost.operations/1@],
 "max_parallel": 16,
 "config_schema": {"type": "object", "additionalProperties": false, "properties": {
  "services": {"type": "string", "default": "/etc/services", "x-access": "read",
   "description": "the file that names services and their ports"}}}
})json";

}  // namespace

SCANHOST_PLUGIN(manifest, @CLASS@)
