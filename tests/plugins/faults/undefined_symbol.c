// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Uses a function that nobody defines.
extern int missing_function(void);
#define PLUGIN_NAME "exporter-undefined-symbol"
#define ENTRY_RESULT missing_function() ? &plugin : NULL
#include "valid_plugin.h"
