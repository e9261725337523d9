// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Its entry refuses this host.
#define PLUGIN_NAME "exporter-null-table"
#define ENTRY_RESULT NULL
#include "valid_plugin.h"
