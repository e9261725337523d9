// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails settings.schema: its schema uses a keyword that hosts do not check.
#define PLUGIN_NAME "exporter-unknown-keyword"

#define CONFIG_SCHEMA "{\"type\": \"object\", \"dependentRequired\": {}}"
#include "../faults/valid_plugin.h"
