// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The host's operations as MCP tools: listed, called, their progress streamed. Both kinds of
/// revision share it and differ only in what they add to a result. Any thread.
#pragma once

#include <scanhost/host_operations.h>
#include <scanhost/http.h>

#include <string>
#include <string_view>

#include "plugins/transport/mcp/json_rpc.h"
#include "plugins/transport/mcp/reply.h"

namespace scanhost::mcp {

class Tools {
 public:
  Tools(const Host& host, bool errors_as_results)
      : operations_(host), errors_as_results_(errors_as_results) {}

  /// `"tools":[...]`. Throws RpcError for a cursor: there is one page.
  std::string listMembers(const Message& message, const scanhost_caller& caller) const;

  /// Of all tools, those for operators alone included.
  Json names() const;

  /// Runs the tool and answers. `more` ends the result's members: empty, or `,"a":1`. Throws
  /// RpcError while nothing has been answered.
  void call(const Message& message, const HttpRequest& request, Reply& reply,
            std::string_view more) const;

 private:
  std::string bodyOf(const Json& id, const std::string& name, const InvocationResult& result,
                     std::string_view more) const;

  const OperationsClient operations_;
  const bool errors_as_results_;
};

/// One tool of tools/list.
std::string toolText(const OperationInfo& operation);

}  // namespace scanhost::mcp
