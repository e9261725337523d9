// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Its table has no get_interface.
#define PLUGIN_NAME "exporter-null-get-interface"
#define GET_INTERFACE NULL
#include "valid_plugin.h"
