// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// One request being served by a worker: the checks before the handler, and what the handler sees.
/// Internal to host/http.
#pragma once

#include <memory>

#include "host/http/connection.h"

namespace scanhost::http {

/// Checks Host and Origin, finds the caller, checks the body's length, calls the handler, and
/// answers for it if it did not.
void serve(const std::shared_ptr<Core>& core, const std::shared_ptr<Connection>& connection,
           std::shared_ptr<RouteEntry::Use> use);

}  // namespace scanhost::http
