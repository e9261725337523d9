// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// WWW-Authenticate: how a client that was not let in can be (RFC 6750 section 3, RFC 9728 section
/// 5.1). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/http/options.h"
#include "host/http/route.h"

namespace scanhost::http {

/// `error` is "invalid_token", "insufficient_scope", or empty when no token was shown; `scopes` are
/// ours, "scanhost:...".
std::string challengeOf(const ChallengeOptions& options, const Route& route, std::string_view error,
                        const std::vector<std::string>& scopes);

}  // namespace scanhost::http
