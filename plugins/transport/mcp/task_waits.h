// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// `tasks/result` of 2025-11-25: it answers when the task has ended, and asks the client meanwhile
/// what the task needs to know. No thread waits: a task is looked at when it changes, and now and
/// then. Any thread.
#pragma once

#include <scanhost/host_operations.h>

#include <cstddef>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "plugins/transport/mcp/exchange.h"

namespace scanhost::mcp {

class TaskWaits {
 public:
  static constexpr std::size_t max_waits = 1000;
  static constexpr std::size_t max_waits_per_client = 500;

  explicit TaskWaits(const OperationsClient& operations) : operations_(operations) {}

  /// Answers the exchange, later. Throws RpcError when too many wait.
  void begin(Exchange exchange, const std::string& task_id);
  /// Looks at the tasks that have changed, or at `all`, for some providers tell no changes.
  void look(bool all);
  /// Ends all without an answer.
  void end();

 private:
  class Wait;
  void forget(const std::shared_ptr<Wait>& wait);

  const OperationsClient& operations_;
  std::mutex mutex_;
  std::set<std::shared_ptr<Wait>> waits_;
};

}  // namespace scanhost::mcp
