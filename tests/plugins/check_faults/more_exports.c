// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails file.exports: it exports a helper beside its entry.
#define PLUGIN_NAME "exporter-more-exports"
#include <scanhost/abi/exporter.h>

SCANHOST_EXPORT void a_helper(void);
SCANHOST_EXPORT void a_helper(void) {}
#include "../faults/valid_plugin.h"
