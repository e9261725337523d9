// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Its table ends before get_interface.
#define PLUGIN_NAME "exporter-short-table"
#define TABLE_SIZE 16
#include "valid_plugin.h"
