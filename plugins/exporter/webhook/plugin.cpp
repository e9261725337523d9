// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// exporter-webhook: manifest and registration.
#include <scanhost/plugin.h>

#include "plugins/exporter/webhook/webhook_exporter.h"

namespace {

constexpr char manifest[] = R"json({
  "name": "exporter-webhook", "version": "0.1.0", "vendor": "scanhost contributors", "licence": "Apache-2.0",
  "abi": {"major": 1, "min_minor": 0},
  "provides": [{"interface": "scanhost.exporter/1"}],
  "requires": [{"service": "scanhost.host.metrics/1"}],
  "access": {"network": true},
  "max_parallel": 1,
  "config_schema": {
    "type": "object",
    "additionalProperties": false,
    "required": ["url", "secret"],
    "properties": {
      "url": {
        "description": "Where notices are posted to: https, or http to this machine.",
        "type": "string", "minLength": 1, "maxLength": 2048
      },
      "secret": {
        "description": "What notices are signed with: whsec_ and the base64 of 24 to 64 bytes.",
        "type": "string", "x-secret": true, "minLength": 1, "maxLength": 128
      },
      "events": {
        "description": "What is worth a notice.",
        "type": "array", "minItems": 1, "maxItems": 3,
        "items": {"type": "string", "enum": ["task_ended", "scanner_suspended", "scope_refused"]},
        "default": ["task_ended", "scanner_suspended", "scope_refused"]
      },
      "timeout": {
        "description": "Longest that one attempt may take.",
        "type": "string", "default": "10s"
      },
      "max_age": {
        "description": "A notice that could not be delivered for so long is given up.",
        "type": "string", "default": "1h"
      },
      "max_queue": {
        "description": "Notices that wait; when there are more, the oldest is dropped.",
        "type": "integer", "minimum": 1, "maximum": 10000, "default": 1000
      },
      "headers": {
        "description": "More headers of each request, such as Authorization.",
        "type": "object", "x-secret": true,
        "additionalProperties": {"type": "string", "maxLength": 8192}
      },
      "tls": {
        "description": "How the receiver's certificate is trusted: one of these; without any, by the system's authorities.",
        "type": "object",
        "additionalProperties": false,
        "properties": {
          "ca_file": {
            "description": "Authorities in PEM form, an absolute path.",
            "type": "string", "x-access": "read", "maxLength": 4096
          },
          "pin_sha256": {
            "description": "Fingerprint of exactly that certificate.",
            "type": "string", "maxLength": 128
          }
        }
      },
      "allow_plaintext": {
        "description": "Let a url of another machine begin with http://: everyone on the way can read the notices.",
        "type": "boolean", "default": false
      }
    }
  }
})json";

}  // namespace

SCANHOST_PLUGIN(manifest, scanhost::webhook::WebhookExporter)
