// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// No fault: what the others are measured by.
#define PLUGIN_NAME "exporter-good"
#include "valid_plugin.h"
