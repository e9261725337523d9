// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// No fault: its structs say that they are longer than this host knows, as a newer SDK's would.
#define PLUGIN_NAME "exporter-longer-tables"
#define TABLE_SIZE sizeof(scanhost_plugin) + 64
#define INTERFACE_SIZE sizeof(scanhost_exporter) + 64
#include "valid_plugin.h"
