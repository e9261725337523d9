// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Revision 2026-07-28: each request stands alone, and headers repeat what is in its body. Any
/// thread.
#pragma once

#include <scanhost/http.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "plugins/transport/mcp/config.h"
#include "plugins/transport/mcp/requests.h"
#include "plugins/transport/mcp/stream_count.h"
#include "plugins/transport/mcp/subscriptions.h"

namespace scanhost::mcp {

class Stateless {
 public:
  Stateless(const Config& config, const OperationsClient& operations, const ToolIndex& tools,
            Requests& requests, StreamCount& streams)
      : config_(config),
        tools_(tools),
        requests_(requests),
        streams_(streams),
        subscriptions_(operations, config, streams) {}

  /// Whether a message belongs to this revision.
  static bool serves(const Message& message, std::optional<std::string_view> version_header);

  /// Answers, now or later. Throws RpcError while nothing has been answered.
  void serve(const Message& message, const HttpRequest& request, HttpResponse& response);

  void sweep(std::int64_t now_us) { subscriptions_.sweep(now_us); }
  /// Ends what is subscribed, with the answer that it has ended.
  void drain() { subscriptions_.end(); }

 private:
  void check(const Message& message, const HttpRequest& request) const;
  void discover(const Exchange& exchange) const;

  const Config& config_;
  const ToolIndex& tools_;
  Requests& requests_;
  StreamCount& streams_;
  Subscriptions subscriptions_;
};

}  // namespace scanhost::mcp
