// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// scanner-nmap: what it is, what it may be told, and its one class.
#include <scanhost/plugin.h>

#include "plugins/scanner/nmap/nmap_scanner.h"

namespace {

/// A scan's settings have no defaults: what a scan leaves out is the instance's.
constexpr char manifest[] = R"json({
 "name": "scanner-nmap", "version": "0.1.0", "vendor": "scanhost", "licence": "Apache-2.0",
 "abi": {"major": 1, "min_minor": 0},
 "provides": [{"interface": "scanhost.scanner.local/1"}],
 "requires": [{"service": "scanhost.host.process/1"}],
 "access": {"raw_sockets": true},
 "max_parallel": 64,
 "config_schema": {"type": "object", "additionalProperties": false, "properties": {
  "program": {"type": "string", "x-access": "execute", "default": "/usr/bin/nmap",
   "description": "absolute path of nmap"},
  "raw": {"type": "boolean", "default": false,
   "description": "scan by raw packets (SYN), for which nmap needs CAP_NET_RAW"},
  "ports": {"type": "string", "default": "top-1000", "maxLength": 4096,
   "description": "all, top-N, or TCP ports such as 22,80,8000-8100"},
  "timing": {"type": "integer", "default": 3, "minimum": 0, "maximum": 5,
   "description": "nmap's -T: 0 is the slowest, 5 the fastest"},
  "service_detection": {"type": "boolean", "default": true,
   "description": "ask open ports what serves there"},
  "script_categories": {"type": "array", "default": [], "maxItems": 5,
   "items": {"type": "string", "enum": ["safe", "default", "version", "vuln", "discovery"]},
   "description": "which of nmap's scripts to run"},
  "external_lookups": {"type": "boolean", "default": false,
   "description": "let scripts ask third parties about what was found (vulners, whois)"},
  "host_discovery": {"type": "boolean", "default": true,
   "description": "first see which hosts answer; false tries every port of every address"},
  "host_timeout": {"type": "string", "default": "30m", "maxLength": 16,
   "description": "give a host up after this long; 0s for never"},
  "max_rate": {"type": "integer", "minimum": 1, "maximum": 1000000,
   "description": "packets a second at most, over all hosts"}}},
 "scan_schema": {"type": "object", "additionalProperties": false, "properties": {
  "ports": {"type": "string", "maxLength": 4096},
  "timing": {"type": "integer", "minimum": 0, "maximum": 5},
  "service_detection": {"type": "boolean"},
  "script_categories": {"type": "array", "maxItems": 5,
   "items": {"type": "string", "enum": ["safe", "default", "version", "vuln", "discovery"]}},
  "external_lookups": {"type": "boolean"},
  "host_discovery": {"type": "boolean"},
  "host_timeout": {"type": "string", "maxLength": 16},
  "max_rate": {"type": "integer", "minimum": 1, "maximum": 1000000}}}})json";

}  // namespace

SCANHOST_PLUGIN(manifest, scanhost::nmap::NmapScanner)
