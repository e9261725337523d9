// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// No fault: a service that does not exist, but is optional.
#define PLUGIN_NAME "exporter-optional-service"
#define REQUIRES "{\"service\": \"scanhost.host.telepathy/1\", \"revision\": 1, \"optional\": true}"
#include "valid_plugin.h"
