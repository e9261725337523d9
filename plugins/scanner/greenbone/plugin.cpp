// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// scanner-greenbone: what it is, what it may be told, and its one class.
#include <scanhost/plugin.h>

#include "plugins/scanner/greenbone/greenbone_scanner.h"

namespace {

constexpr char manifest[] = R"json({
 "name": "scanner-greenbone", "version": "0.1.0", "vendor": "scanhost", "licence": "Apache-2.0",
 "abi": {"major": 1, "min_minor": 0},
 "provides": [{"interface": "scanhost.scanner.remote/1"}],
 "requires": [],
 "max_parallel": 16,
 "config_schema": {"type": "object", "additionalProperties": false,
  "required": ["host", "username", "password"], "properties": {
  "host": {"type": "string", "maxLength": 255, "description": "name or address of the manager"},
  "port": {"type": "integer", "default": 9390, "minimum": 1, "maximum": 65535,
   "description": "where it speaks GMP over TLS"},
  "username": {"type": "string", "maxLength": 255, "description": "a user of the manager"},
  "password": {"type": "string", "x-secret": true, "description": "that user's"},
  "tls": {"type": "object", "additionalProperties": false,
   "description": "how the manager's certificate is trusted: one of these; without any, by the system's authorities",
   "properties": {
   "ca_file": {"type": "string", "x-access": "read", "description": "authorities in PEM form, absolute path"},
   "pin_sha256": {"type": "string", "description": "fingerprint of exactly that certificate"},
   "insecure": {"type": "boolean", "default": false, "description": "any certificate"}}},
  "client_certificate": {"type": "string", "x-access": "read",
   "description": "what we show, in PEM form; absolute path"},
  "client_key": {"type": "string", "x-access": "read",
   "description": "its key, in PEM form; absolute path"},
  "scan_config": {"type": "string", "default": "Full and fast", "maxLength": 255,
   "description": "name or id of the scan configuration for scans that name none"},
  "port_list": {"type": "string", "default": "All IANA assigned TCP", "maxLength": 255,
   "description": "name or id of the port list for scans that name none"},
  "scanner": {"type": "string", "default": "OpenVAS Default", "maxLength": 255,
   "description": "name or id of the manager's scanner"},
  "min_qod": {"type": "integer", "default": 70, "minimum": 0, "maximum": 100,
   "description": "results of a lower quality of detection are left out"},
  "request_timeout": {"type": "string", "default": "60s",
   "description": "longest silence of the manager"},
  "max_report_bytes": {"type": "integer", "default": 4294967296, "minimum": 1,
   "description": "a larger report is refused"}}},
 "scan_schema": {"type": "object", "additionalProperties": false, "properties": {
  "scan_config": {"type": "string", "maxLength": 255,
   "description": "name or id of the scan configuration"},
  "port_list": {"type": "string", "maxLength": 255,
   "description": "name or id of the port list"}}}})json";

}  // namespace

SCANHOST_PLUGIN(manifest, scanhost::greenbone::GreenboneScanner)
