// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// scanner-nuclei: what it is, what it may be told, and its one class.
#include <scanhost/plugin.h>

#include "plugins/scanner/nuclei/nuclei_scanner.h"

namespace {

/// A scan's settings have no defaults: what a scan leaves out is the instance's.
constexpr char manifest[] = R"json({
 "name": "scanner-nuclei", "version": "0.1.0", "vendor": "scanhost", "licence": "Apache-2.0",
 "abi": {"major": 1, "min_minor": 0},
 "provides": [{"interface": "scanhost.scanner.local/1"}],
 "requires": [{"service": "scanhost.host.process/1"}],
 "max_parallel": 64,
 "config_schema": {"type": "object", "additionalProperties": false, "required": ["templates"],
  "properties": {
  "program": {"type": "string", "default": "/usr/local/bin/nuclei", "x-access": "execute",
   "description": "absolute path of nuclei"},
  "templates": {"type": "string", "maxLength": 4096, "x-access": "read",
   "description": "folder of the templates to run"},
  "interactsh": {"type": "boolean", "default": false,
   "description": "let templates use a server of a third party, which hears of what is scanned"},
  "ports": {"type": "array", "default": [80, 443, 8080, 8443], "minItems": 1, "maxItems": 256,
   "items": {"type": "integer", "minimum": 1, "maximum": 65535},
   "description": "TCP ports to look at"},
  "severities": {"type": "array", "default": [], "maxItems": 6,
   "items": {"type": "string",
    "enum": ["info", "low", "medium", "high", "critical", "unknown"]},
   "description": "run templates of these only; without any, all"},
  "tags": {"type": "array", "default": [], "maxItems": 64,
   "items": {"type": "string", "maxLength": 64},
   "description": "run templates with one of these only; without any, all"},
  "rate_limit": {"type": "integer", "default": 150, "minimum": 1, "maximum": 10000,
   "description": "requests a second"},
  "request_timeout": {"type": "string", "default": "10s", "maxLength": 16,
   "description": "for one answer"}}},
 "scan_schema": {"type": "object", "additionalProperties": false, "properties": {
  "ports": {"type": "array", "minItems": 1, "maxItems": 256,
   "items": {"type": "integer", "minimum": 1, "maximum": 65535}},
  "severities": {"type": "array", "maxItems": 6,
   "items": {"type": "string",
    "enum": ["info", "low", "medium", "high", "critical", "unknown"]}},
  "tags": {"type": "array", "maxItems": 64, "items": {"type": "string", "maxLength": 64}},
  "rate_limit": {"type": "integer", "minimum": 1, "maximum": 10000},
  "request_timeout": {"type": "string", "maxLength": 16}}}})json";

}  // namespace

SCANHOST_PLUGIN(manifest, scanhost::nuclei::NucleiScanner)
