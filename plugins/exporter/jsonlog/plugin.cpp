// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// exporter-jsonlog: manifest and registration.
#include <scanhost/plugin.h>

#include "plugins/exporter/jsonlog/jsonlog_exporter.h"

namespace {

constexpr char manifest[] = R"json({
  "name": "exporter-jsonlog",
  "version": "0.1.0",
  "vendor": "scanhost contributors",
  "licence": "Apache-2.0",
  "abi": {"major": 1, "min_minor": 0},
  "provides": [{"interface": "scanhost.exporter/1"}],
  "max_parallel": 1,
  "config_schema": {
    "type": "object",
    "additionalProperties": false,
    "properties": {
      "output": {
        "description": "Where lines go.",
        "type": "string",
        "enum": ["stdout", "stderr", "file", "journald"],
        "default": "stdout"
      },
      "level": {
        "description": "Events below it are left out.",
        "type": "string",
        "enum": ["debug", "info", "warning", "error"],
        "default": "debug"
      },
      "file": {
        "description": "For output: file.",
        "type": "object",
        "additionalProperties": false,
        "required": ["path"],
        "properties": {
          "path": {"type": "string", "x-access": "write", "pattern": "^/", "minLength": 2, "maxLength": 4096},
          "max_size": {
            "description": "Bytes at which a new file is begun.",
            "type": "integer", "minimum": 4096, "maximum": 1099511627776, "default": 10485760
          },
          "max_files": {
            "description": "How many files are kept beside the one being written.",
            "type": "integer", "minimum": 1, "maximum": 1000, "default": 5
          }
        }
      },
      "journald": {
        "description": "For output: journald.",
        "type": "object",
        "additionalProperties": false,
        "properties": {
          "socket": {
            "description": "Where journald listens for its native protocol.",
            "type": "string", "pattern": "^/", "minLength": 2, "maxLength": 107,
            "default": "/run/systemd/journal/socket"
          }
        }
      }
    }
  }
})json";

}  // namespace

SCANHOST_PLUGIN(manifest, scanhost::JsonlogExporter)
