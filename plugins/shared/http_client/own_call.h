// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A call that a plugin makes itself, for work on a thread of its own: what takes a Call is then
/// bounded and cancelled there as it is in a call of the host's.
#pragma once

#include <scanhost/call.h>

#include <atomic>
#include <chrono>

namespace scanhost::http_client {

class OwnCall : private scanhost_call {
 public:
  /// Ends after `time`, or when `stopping` turns true, which it borrows.
  OwnCall(std::chrono::nanoseconds time, const std::atomic<bool>& stopping)
      : scanhost_call{sizeof(scanhost_call), -1, deadline(time), {}, &isCancelled, &log, &fail},
        stopping_(stopping),
        call_(this) {}
  OwnCall(const OwnCall&) = delete;
  OwnCall& operator=(const OwnCall&) = delete;

  operator Call&() { return call_; }

 private:
  static std::int64_t deadline(std::chrono::nanoseconds time) {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return (std::chrono::duration_cast<std::chrono::nanoseconds>(now) + time).count();
  }
  static std::int32_t isCancelled(const scanhost_call* call) {
    const auto& self = *static_cast<const OwnCall*>(call);
    return self.stopping_ || self.call_.timeLeft().count() <= 0 ? 1 : 0;
  }
  // Nobody listens on this thread; what is to be told goes by Host::log.
  static void log(const scanhost_call*, const scanhost_event*) {}
  static scanhost_status fail(const scanhost_call*, const scanhost_error* error) {
    return error->error_class;
  }

  const std::atomic<bool>& stopping_;
  Call call_;
};

}  // namespace scanhost::http_client
