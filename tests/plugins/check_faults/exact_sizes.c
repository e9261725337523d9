// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails entry.newer-host: it refuses a host whose structs are longer than its own.
#define PLUGIN_NAME "exporter-exact-sizes"

#define ENTRY_RESULT (host->struct_size == sizeof(scanhost_host) ? &plugin : NULL)
#include "../faults/valid_plugin.h"
