// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Who asks: found once per request, before its body is read.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "host/base/result.h"
#include "host/base/time.h"

namespace scanhost::http {

class Request;

struct Caller {
  std::string subject = "anonymous";
  std::set<std::string> roles{"client"};
  std::optional<Timestamp> expiry;  ///< of the credential; none: it does not end
};

/// Called on a handler's thread. An error of class auth becomes 401 with a challenge, config (a
/// malformed header) 400, busy (who asks too often) 429 and transient 503, both with Retry-After,
/// any other 500. Its message goes to the hook and not to the client; that of busy nowhere.
using CallerResolver = std::function<Result<Caller>(const Request&)>;

}  // namespace scanhost::http
