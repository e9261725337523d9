// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// exporter-prometheus: manifest and registration.
#include <scanhost/plugin.h>

#include "plugins/exporter/prometheus/prometheus_exporter.h"

namespace {

constexpr char manifest[] = R"json({
  "name": "exporter-prometheus",
  "version": "0.1.0",
  "vendor": "scanhost contributors",
  "licence": "Apache-2.0",
  "abi": {"major": 1, "min_minor": 0},
  "provides": [{"interface": "scanhost.exporter/1"}],
  "max_parallel": 4,
  "config_schema": {
    "type": "object",
    "additionalProperties": false,
    "properties": {
      "path": {
        "title": "path of the metrics page",
        "description": "Where the host's HTTP listener serves the metrics.",
        "type": "string",
        "pattern": "^/[A-Za-z0-9._~/-]{0,127}$",
        "default": "/metrics"
      }
    }
  }
})json";

}  // namespace

SCANHOST_PLUGIN(manifest, scanhost::PrometheusExporter)
