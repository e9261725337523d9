// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// exporter-otlp: manifest and registration.
#include <scanhost/plugin.h>

#include "plugins/exporter/otlp/otlp_exporter.h"

namespace {

constexpr char manifest[] = R"json({
  "name": "exporter-otlp",
  "version": "0.1.0",
  "vendor": "scanhost contributors",
  "licence": "Apache-2.0",
  "abi": {"major": 1, "min_minor": 0},
  "provides": [{"interface": "scanhost.exporter/1"}],
  "requires": [{"service": "scanhost.host.metrics/1"}],
  "access": {"network": true},
  "max_parallel": 1,
  "config_schema": {
    "type": "object",
    "additionalProperties": false,
    "required": ["url"],
    "properties": {
      "url": {
        "description": "Where traces are posted to: https, or http to this machine.",
        "type": "string", "minLength": 1, "maxLength": 2048
      },
      "service_name": {
        "description": "The attribute service.name of the resource.",
        "type": "string", "minLength": 1, "maxLength": 255, "default": "scanhost"
      },
      "resource": {
        "description": "More attributes of the resource, such as service.instance.id.",
        "type": "object",
        "additionalProperties": {"type": "string", "maxLength": 1024}
      },
      "timeout": {
        "description": "Longest that one request may take.",
        "type": "string", "default": "5s"
      },
      "headers": {
        "description": "More headers of each request, such as Authorization.",
        "type": "object", "x-secret": true,
        "additionalProperties": {"type": "string", "maxLength": 8192}
      },
      "tls": {
        "description": "How the collector's certificate is trusted: one of these; without any, by the system's authorities.",
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
        "description": "Let a url of another machine begin with http://: everyone on the way can read the spans.",
        "type": "boolean", "default": false
      }
    }
  }
})json";

}  // namespace

SCANHOST_PLUGIN(manifest, scanhost::otlp::OtlpExporter)
