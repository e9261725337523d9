// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The methods that every revision has: lists, tools, resources, prompts, completion; and tasks in
/// both their forms. Any thread.
#pragma once

#include <scanhost/host_operations.h>

#include <string>

#include "plugins/transport/mcp/exchange.h"
#include "plugins/transport/mcp/json_rpc.h"
#include "plugins/transport/mcp/lists.h"
#include "plugins/transport/mcp/operation_call.h"
#include "plugins/transport/mcp/task_waits.h"
#include "plugins/transport/mcp/tool_index.h"

namespace scanhost::mcp {

class Requests {
 public:
  Requests(const OperationsClient& operations, ToolIndex& tools, TaskWaits& waits,
           bool errors_as_results)
      : operations_(operations),
        tools_(tools),
        lists_(operations),
        waits_(waits),
        errors_as_results_(errors_as_results) {}

  /// Begins the request; its answer goes to the exchange's outlet, now or later. Throws RpcError
  /// while nothing has been answered. False when there is no such method.
  bool serve(const Message& message, Exchange exchange);
  void forgetLists() { lists_.forget(); }

 private:
  void callTool(const Message& message, Exchange exchange);
  void readResource(const Message& message, Exchange exchange);
  void getPrompt(const Message& message, Exchange exchange);
  void complete(const Message& message, Exchange exchange);
  bool serveTask(const Message& message, Exchange exchange);
  void run(Exchange exchange, OperationCall::Asked asked);

  const OperationsClient& operations_;
  ToolIndex& tools_;
  Lists lists_;
  TaskWaits& waits_;
  const bool errors_as_results_;
};

/// What a server of that revision can do, as its clients are told.
Json capabilities(Revision revision);

}  // namespace scanhost::mcp
