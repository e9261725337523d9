// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Exports the entry of another ABI major.
#define PLUGIN_NAME "exporter-entry-v2"
#define ENTRY scanhost_plugin_v2
#include "valid_plugin.h"
