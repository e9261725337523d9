// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/invocation_wait.h"

#include <chrono>

namespace scanhost::mcp {

std::optional<InvocationResult> InvocationWait::wait(const Call& call) {
  constexpr std::chrono::milliseconds look_again(500);
  std::unique_lock lock(mutex_);
  while (!result_ && !abandoned_ && !call.cancelled()) changed_.wait_for(lock, look_again);
  return std::move(result_);
}

}  // namespace scanhost::mcp
