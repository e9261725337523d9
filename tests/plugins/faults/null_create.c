// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Its interface has no create.
#define PLUGIN_NAME "exporter-null-create"
#define CREATE NULL
#include "valid_plugin.h"
