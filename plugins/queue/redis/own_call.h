// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The call context of a thread of the plugin's own, which no host waits for: it has no deadline
/// and is cancelled when the plugin stops.
#pragma once

#include <scanhost/call.h>

#include <atomic>

namespace scanhost::queue_redis {

class OwnCall {
 public:
  OwnCall() {
    abi_.base.struct_size = sizeof abi_.base;
    abi_.base.deadline_ns = INT64_MAX;
    abi_.base.cancel_fd = -1;
    abi_.base.is_cancelled = [](const scanhost_call* call) {
      return reinterpret_cast<const Abi*>(call)->cancelled.load() ? 1 : 0;
    };
    abi_.base.log = [](const scanhost_call*, const scanhost_event*) {};
    abi_.base.fail = [](const scanhost_call*, const scanhost_error* error) {
      return static_cast<scanhost_status>(error->error_class);
    };
  }
  OwnCall(const OwnCall&) = delete;
  OwnCall& operator=(const OwnCall&) = delete;

  Call call() const { return Call(&abi_.base); }
  void cancel() { abi_.cancelled = true; }

 private:
  struct Abi {
    scanhost_call base{};
    std::atomic<bool> cancelled{false};
  };
  Abi abi_;
};

}  // namespace scanhost::queue_redis
