// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Revisions that begin with `initialize`: what a session's messages do, whichever way they come.
/// Any thread.
#pragma once

#include <scanhost/host_operations.h>

#include <memory>
#include <string_view>

#include "plugins/transport/mcp/config.h"
#include "plugins/transport/mcp/requests.h"
#include "plugins/transport/mcp/session.h"

namespace scanhost::mcp {

class Legacy {
 public:
  Legacy(const Config& config, const OperationsClient& operations, Requests& requests)
      : config_(config), operations_(operations), requests_(requests) {}

  /// The revision that a client's `initialize` is answered with. Throws RpcError for one that names
  /// none.
  Revision negotiate(const Message& initialize) const;
  /// The answer to it.
  std::string initializeMembers(Revision revision) const;
  /// Throws RpcError for a version header of a revision that is not served.
  void checkVersion(std::optional<std::string_view> version_header) const;

  /// A notification or a response: there is nothing to answer.
  void take(const Message& message, Session& session) const;
  /// Begins a request of that caller, whose rights may have changed since the session began; its
  /// answer, or what is wrong with it, goes to the outlet, now or later.
  void serve(const Message& message, const std::shared_ptr<Session>& session,
             const std::shared_ptr<const OwnedCaller>& caller,
             const std::shared_ptr<Outlet>& outlet, const scanhost_trace& trace) const;

 private:
  bool isServed(Revision revision) const;
  void begin(const Message& message, Exchange exchange) const;
  void subscribe(const Message& message, const Exchange& exchange, bool wanted) const;

  const Config& config_;
  const OperationsClient& operations_;
  Requests& requests_;
};

}  // namespace scanhost::mcp
