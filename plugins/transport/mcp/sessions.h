// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Revisions 2025-11-25 and 2025-06-18: a handshake opens a session, whose id every later request
/// names. A session holds nothing but its caller, so any request of it may run beside any other.
/// Any thread.
#pragma once

#include <string>

#include "plugins/transport/mcp/config.h"
#include "plugins/transport/mcp/json_rpc.h"
#include "plugins/transport/mcp/reply.h"
#include "plugins/transport/mcp/session_table.h"
#include "plugins/transport/mcp/tools.h"

namespace scanhost::mcp {

class Sessions {
 public:
  Sessions(const Config& config, const Tools& tools)
      : instructions_(config.instructions),
        tools_(tools),
        table_(config.max_sessions, config.session_idle) {}

  /// Throws RpcError while nothing has been answered.
  void serve(const Message& message, const HttpRequest& request, Reply& reply);
  /// DELETE: ends the session that the request names.
  void end(const HttpRequest& request, Reply& reply);

 private:
  void initialize(const Message& message, const HttpRequest& request, Reply& reply);
  void answer(const Message& message, const HttpRequest& request, Reply& reply) const;

  const std::string instructions_;
  const Tools& tools_;
  SessionTable table_;
};

}  // namespace scanhost::mcp
