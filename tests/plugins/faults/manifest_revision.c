// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Its manifest gives another draft revision.
#define PLUGIN_NAME "exporter-manifest-revision"
#define PROVIDES "{\"interface\": \"scanhost.exporter/1\", \"revision\": 99}"
#include "valid_plugin.h"
