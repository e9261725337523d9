// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// One call into a plugin as the checker makes it: it can be cancelled at any moment, counts how
/// often the plugin looks, and cannot be touched any more once it is over.
#pragma once

#include <scanhost/abi/call.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "tests/conformance/guarded_memory.h"
#include "tests/conformance/transcript.h"

namespace scanhost::conformance {

/// How a call came back.
struct Outcome {
  std::string function;
  std::int32_t status = SCANHOST_OK;
  std::optional<ToldError> error;  ///< the last that was reported within the call
  std::chrono::nanoseconds took{0};

  bool ok() const { return status == SCANHOST_OK; }
  /// "start answered config: no such file"
  std::string text() const;
};

struct CallShape {
  std::chrono::nanoseconds timeout = std::chrono::seconds(20);
  std::size_t appended = 0;  ///< bytes of a newer host's struct behind the known ones
};

class CheckCall {
 public:
  explicit CheckCall(Transcript& transcript, CallShape shape = {});
  CheckCall(const CheckCall&) = delete;
  CheckCall& operator=(const CheckCall&) = delete;
  ~CheckCall();

  const scanhost_call* abi() const;
  void cancel();
  bool cancelled() const { return cancelled_; }
  /// How often the plugin asked.
  std::size_t looks() const { return looks_; }
  std::chrono::steady_clock::time_point begun() const { return begun_; }

  /// Ends the call: what `function` answered is held against what it reported.
  Outcome outcome(std::int32_t status, std::string function);

 private:
  static CheckCall& of(const scanhost_call* call);
  static std::int32_t isCancelled(const scanhost_call* call);
  static void log(const scanhost_call* call, const scanhost_event* event);
  static scanhost_status keepError(const scanhost_call* call, const scanhost_error* error);

  Transcript& transcript_;
  int cancel_fd_ = -1;
  std::unique_ptr<GuardedMemory> memory_;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  std::int64_t deadline_ns_ = 0;
  std::atomic<bool> cancelled_{false};
  std::atomic<std::size_t> looks_{0};
  std::mutex mutex_;
  std::optional<ToldError> error_;
};

}  // namespace scanhost::conformance
