// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Its manifest gives another name than its file.
#define PLUGIN_NAME "exporter-misnamed"
#define MANIFEST                                                                                 \
  "{\"name\": \"exporter-other\", \"version\": \"1\", \"vendor\": \"a\", \"licence\": \"MIT\", " \
  "\"abi\": {\"major\": 1}, \"provides\": [" PROVIDES "]}"
#include "valid_plugin.h"
