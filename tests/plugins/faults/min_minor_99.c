// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Needs a newer host.
#define PLUGIN_NAME "exporter-min-minor-99"
#define MIN_MINOR "99"
#include "valid_plugin.h"
