// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Requires a host service that does not exist.
#define PLUGIN_NAME "exporter-needs-service"
#define REQUIRES "{\"service\": \"scanhost.host.telepathy/1\", \"revision\": 1}"
#include "valid_plugin.h"
