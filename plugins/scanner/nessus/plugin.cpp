// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// scanner-nessus: what it is, what it may be told, and its one class.
#include <scanhost/plugin.h>

#include "plugins/scanner/nessus/nessus_scanner.h"

namespace {

constexpr char manifest[] = R"json({
 "name": "scanner-nessus", "version": "0.1.0", "vendor": "scanhost", "licence": "Apache-2.0",
 "abi": {"major": 1, "min_minor": 0},
 "provides": [{"interface": "scanhost.scanner.remote/1"}],
 "requires": [],
 "max_parallel": 64,
 "config_schema": {"type": "object", "additionalProperties": false, "required": ["url"],
  "properties": {
  "url": {"type": "string", "maxLength": 512,
   "description": "https://HOST:PORT of the scanner"},
  "access_key": {"type": "string", "x-secret": true, "description": "API access key"},
  "secret_key": {"type": "string", "x-secret": true, "description": "API secret key"},
  "ui_session": {"type": "boolean", "default": false,
   "description": "log in with a name as the web page does; works around the licence's limit on API keys"},
  "username": {"type": "string", "description": "for ui_session"},
  "password": {"type": "string", "x-secret": true, "description": "for ui_session"},
  "tls": {"type": "object", "additionalProperties": false,
   "description": "how the server's certificate is trusted: one of these; without any, by the system's authorities",
   "properties": {
   "ca_file": {"type": "string", "x-access": "read", "description": "authorities in PEM form, absolute path"},
   "pin_sha256": {"type": "string", "description": "fingerprint of exactly that certificate"},
   "insecure": {"type": "boolean", "default": false, "description": "any certificate"}}},
  "template": {"type": "string", "default": "basic", "maxLength": 128,
   "description": "name of the scan template for scans that name none"},
  "request_timeout": {"type": "string", "default": "60s",
   "description": "longest silence of the server"},
  "export_timeout": {"type": "string", "default": "10m",
   "description": "longest wait for a report to be exported"},
  "max_report_bytes": {"type": "integer", "default": 4294967296, "minimum": 1,
   "description": "a larger report is refused"}}},
 "scan_schema": {"type": "object", "additionalProperties": false, "properties": {
  "template": {"type": "string", "maxLength": 128,
   "description": "name of the scan template"}}}})json";

}  // namespace

SCANHOST_PLUGIN(manifest, scanhost::nessus::NessusScanner)
