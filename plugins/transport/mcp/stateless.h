// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Revision 2026-07-28: no handshake and no session, every request carries all it needs and is
/// checked in the order that the specification's conformance suite expects. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "plugins/transport/mcp/config.h"
#include "plugins/transport/mcp/json_rpc.h"
#include "plugins/transport/mcp/reply.h"
#include "plugins/transport/mcp/tools.h"

namespace scanhost::mcp {

class Stateless {
 public:
  Stateless(const Config& config, const Tools& tools);

  /// Whether a message is for this revision: it says so itself, or its header does.
  static bool serves(const Message& message, std::optional<std::string_view> version_header);

  /// Throws RpcError while nothing has been answered.
  void serve(const Message& message, const HttpRequest& request, Reply& reply) const;

 private:
  const Tools& tools_;
  std::string complete_;   ///< the members that end every result
  std::string cacheable_;  ///< the same for results that may be kept
  std::string discovery_;
};

}  // namespace scanhost::mcp
