// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// /health, /livez and /readyz: open to all, holding no address, URL or secret.
#pragma once

#include <vector>

#include "host/http/route.h"
#include "host/telemetry/event_log.h"
#include "host/telemetry/health.h"

namespace scanhost {

/// Both outlive the routes.
std::vector<http::Route> healthRoutes(Health& health, EventLog& events);

}  // namespace scanhost
