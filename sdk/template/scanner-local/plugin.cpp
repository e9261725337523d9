// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@

/// @NAME@: what it is, what it may be told, and its one class.
#include <scanhost/plugin.h>

#include "scanner.h"

namespace {

/// A scan's settings have no defaults: what a scan leaves out is the instance's.
constexpr char manifest[] = R"json({
 "name": "@NAME@", "version": ")json" PLUGIN_VERSION R"json(",
 "vendor": "@VENDOR@", "licence": "@LICENCE@",
 "abi": {"major": @ABI_MAJOR@},
 "provides": [@scanhost.scanner.local/1@],
 "requires": [@scanhost.host.process/1@],
 "max_parallel": 4,
 "config_schema": {"type": "object", "additionalProperties": false, "properties": {
  "program": {"type": "string", "default": "/usr/lib/@NAME@/scan", "pattern": "^/",
   "x-access": "execute", "description": "absolute path of the program that scans"},
  "ports": {"type": "array", "default": [21, 22, 25, 110, 143], "minItems": 1, "maxItems": 64,
   "items": {"type": "integer", "minimum": 1, "maximum": 65535},
   "description": "TCP ports to ask"}}},
 "scan_schema": {"type": "object", "additionalProperties": false, "properties": {
  "ports": {"type": "array", "minItems": 1, "maxItems": 64,
   "items": {"type": "integer", "minimum": 1, "maximum": 65535}}}}
})json";

}  // namespace

SCANHOST_PLUGIN(manifest, @CLASS@)
