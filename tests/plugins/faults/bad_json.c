// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Its manifest is not JSON.
#define PLUGIN_NAME "exporter-bad-json"
#define MANIFEST "{\"name\": \"exporter-bad-json\","
#include "valid_plugin.h"
