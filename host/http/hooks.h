// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the listener tells the host: for metrics, the log, the ledger.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "host/http/message.h"

namespace scanhost::http {

/// One response, when its first byte is ready to go.
struct Exchange {
  std::string route;   ///< the route's name; "none" when no route matched
  std::string method;  ///< as sent; empty when the head could not be read
  int code = 0;
  double seconds = 0;  ///< since the head was complete
  /// Those headers as sent, empty when absent; borrowed for the call.
  std::string_view traceparent = {}, x_trace_id = {};
};

/// Called on the listener's threads: quick, and without waiting. All optional.
struct Hooks {
  std::function<void(const Exchange&)> on_response;
  /// A request without a valid caller: `reason` is the resolver's, for the log alone.
  std::function<void(const Request& request, const std::string& reason)> on_auth_failure;
  /// A handler threw: a defect of the route's owner.
  std::function<void(const std::string& route, const std::string& what)> on_handler_failure;
  /// Once in each turn of the listener's loop, at least each 100 ms: proof of life.
  std::function<void()> on_turn;
};

struct ListenerStats {
  std::size_t connections = 0, streams = 0;
  std::uint64_t streams_overflowed = 0;   ///< closed because their client was too slow
  std::uint64_t connections_refused = 0;  ///< over a cap
  std::uint64_t requests_refused = 0;     ///< 503 for want of a thread
};

}  // namespace scanhost::http
