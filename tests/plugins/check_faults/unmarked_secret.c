// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails settings.secrets: its password is not marked as a secret.
#define PLUGIN_NAME "exporter-unmarked-secret"

#define CONFIG_SCHEMA                                       \
  "{\"type\": \"object\", \"additionalProperties\": false," \
  " \"properties\": {\"password\": {\"type\": \"string\"}}}"
#include "../faults/valid_plugin.h"
