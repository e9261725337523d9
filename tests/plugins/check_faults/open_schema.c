// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails settings.refused: its schema lets a mistyped key pass.
#define PLUGIN_NAME "exporter-open-schema"

#define CONFIG_SCHEMA "{\"type\": \"object\"}"
#include "../faults/valid_plugin.h"
