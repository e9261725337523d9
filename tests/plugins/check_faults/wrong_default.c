// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails settings.defaults: a default breaks its own schema.
#define PLUGIN_NAME "exporter-wrong-default"

#define CONFIG_SCHEMA                                                         \
  "{\"type\": \"object\", \"additionalProperties\": false, \"properties\": {" \
  " \"proxy\": {\"type\": \"object\", \"properties\": {"                      \
  "  \"port\": {\"type\": \"integer\", \"minimum\": 1, \"default\": 0}}}}}"
#include "../faults/valid_plugin.h"
