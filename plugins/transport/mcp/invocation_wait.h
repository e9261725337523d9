// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Where a handler waits for its operation, whose answer may come before invoke() returns or later
/// from another thread. Shared between both, for the handler may leave first. Any thread.
#pragma once

#include <scanhost/host_operations.h>

#include <condition_variable>
#include <mutex>
#include <optional>

namespace scanhost::mcp {

class InvocationWait {
 public:
  void finish(InvocationResult result) {
    const std::lock_guard lock(mutex_);
    result_ = std::move(result);
    changed_.notify_all();
  }
  /// The client has gone: nobody needs the answer.
  void abandon() {
    const std::lock_guard lock(mutex_);
    abandoned_ = true;
    changed_.notify_all();
  }
  /// Nothing when it was abandoned, or the request cancelled, before the answer came.
  std::optional<InvocationResult> wait(const Call& call);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<InvocationResult> result_;
  bool abandoned_ = false;
};

}  // namespace scanhost::mcp
