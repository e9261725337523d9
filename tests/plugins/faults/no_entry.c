// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Exports no entry.
#define PLUGIN_NAME "exporter-no-entry"
#define ENTRY example_plugin
#include "valid_plugin.h"
