// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Several members of its manifest are wrong.
#define PLUGIN_NAME "exporter-bad-members"
#define MANIFEST                                                                        \
  "{\"name\": \"exporter-bad-members\", \"version\": 1, \"vendor\": \"\", \"abi\": 1, " \
  "\"provides\": []}"
#include "valid_plugin.h"
