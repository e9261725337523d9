// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Has no manifest section.
#define PLUGIN_NAME "exporter-no-manifest"
#define NO_MANIFEST
#include "valid_plugin.h"
