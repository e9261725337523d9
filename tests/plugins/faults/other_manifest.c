// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Its table gives another manifest than its section.
#define PLUGIN_NAME "exporter-other-manifest"
#define TABLE_MANIFEST \
  { "{}", 2 }
#include "valid_plugin.h"
