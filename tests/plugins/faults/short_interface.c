// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Its interface is shorter than the revision says.
#define PLUGIN_NAME "exporter-short-interface"
#define INTERFACE_SIZE 40
#include "valid_plugin.h"
