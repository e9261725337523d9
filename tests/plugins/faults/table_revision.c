// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Its table gives another draft revision than its manifest.
#define PLUGIN_NAME "exporter-table-revision"
#define REVISION 99
#include "valid_plugin.h"
