// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// scanner-wapiti: what it is, what it may be told, and its one class.
#include <scanhost/plugin.h>

#include "plugins/scanner/wapiti/wapiti_scanner.h"

namespace {

/// A scan's settings have no defaults: what a scan leaves out is the instance's.
constexpr char manifest[] = R"json({
 "name": "scanner-wapiti", "version": "0.1.0", "vendor": "scanhost", "licence": "Apache-2.0",
 "abi": {"major": 1, "min_minor": 0},
 "provides": [{"interface": "scanhost.scanner.local/1"}],
 "requires": [{"service": "scanhost.host.process/1"}],
 "max_parallel": 64,
 "config_schema": {"type": "object", "additionalProperties": false, "properties": {
  "program": {"type": "string", "default": "/usr/bin/wapiti", "x-access": "execute",
   "description": "absolute path of wapiti"},
  "scheme": {"type": "string", "default": "http", "enum": ["http", "https"],
   "description": "how the applications are asked"},
  "ports": {"type": "array", "default": [], "maxItems": 64,
   "items": {"type": "integer", "minimum": 1, "maximum": 65535},
   "description": "where they listen; without any, 80 or 443 by the scheme"},
  "path": {"type": "string", "default": "/", "maxLength": 1024,
   "description": "where the application begins; nothing above it is asked"},
  "modules": {"type": "array", "default": [], "maxItems": 16, "items": {"type": "string"},
   "description": "what to look for; without any, the usual ones"},
  "depth": {"type": "integer", "default": 10, "minimum": 0, "maximum": 40,
   "description": "links followed from the first page"},
  "links_per_page": {"type": "integer", "default": 100, "minimum": 1, "maximum": 10000,
   "description": "links followed from one page"},
  "crawl_time": {"type": "string", "default": "10m", "maxLength": 16,
   "description": "for finding the pages of one application"},
  "module_time": {"type": "string", "default": "10m", "maxLength": 16,
   "description": "for one module on one application"},
  "request_timeout": {"type": "string", "default": "6s", "maxLength": 16,
   "description": "for one answer"}}},
 "scan_schema": {"type": "object", "additionalProperties": false, "properties": {
  "scheme": {"type": "string", "enum": ["http", "https"]},
  "ports": {"type": "array", "maxItems": 64,
   "items": {"type": "integer", "minimum": 1, "maximum": 65535}},
  "path": {"type": "string", "maxLength": 1024},
  "modules": {"type": "array", "maxItems": 16, "items": {"type": "string"}},
  "depth": {"type": "integer", "minimum": 0, "maximum": 40},
  "links_per_page": {"type": "integer", "minimum": 1, "maximum": 10000},
  "crawl_time": {"type": "string", "maxLength": 16},
  "module_time": {"type": "string", "maxLength": 16},
  "request_timeout": {"type": "string", "maxLength": 16}}}})json";

}  // namespace

SCANHOST_PLUGIN(manifest, scanhost::wapiti::WapitiScanner)
