// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The host's side of a call into a plugin: deadline, cancellation, log and error slot.
///
///     HostCall call({.timeout = 30s, .cancel = node_stop, .trace = trace, .events = &events});
///     const scanhost_status status = table->start(self, call.abi());
///     if (Status done = call.outcome(status); !done) return done;
#pragma once

#include <scanhost/abi/call.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "host/base/result.h"

namespace scanhost {

/// Tells any number of calls to stop. Safe from any thread, also from a signal-free destructor
/// path.
class CancelSource {
 public:
  CancelSource();
  ~CancelSource();
  CancelSource(const CancelSource&) = delete;
  CancelSource& operator=(const CancelSource&) = delete;

  void cancel();
  bool cancelled() const { return cancelled_.load(std::memory_order_acquire); }
  /// Readable once cancelled.
  int fd() const { return fd_; }

 private:
  std::atomic<bool> cancelled_{false};
  int fd_ = -1;
};

/// Where events that a plugin logs go: level (SCANHOST_LEVEL_*), event name, fields as JSON text,
/// trace (all zero: none). Called on the plugin's thread.
using PluginEventSink = std::function<void(
    int level, std::string_view event, std::string_view fields_json, const scanhost_trace& trace)>;

class SpanLog;

struct CallOptions {
  /// From now; the largest value means no deadline.
  std::chrono::nanoseconds timeout = std::chrono::nanoseconds::max();
  std::shared_ptr<const CancelSource> cancel = {};  ///< null: cannot be cancelled
  scanhost_trace trace{};                           ///< what the call is done within
  SpanLog* spans = nullptr;  ///< takes a span for the call, for those that make one; null: none
  const PluginEventSink* events = nullptr;  ///< outlives the call; null: dropped
};

/// Lives on the caller's stack for one call; used by whatever threads the plugin has meanwhile.
class HostCall {
 public:
  explicit HostCall(CallOptions options = {});
  HostCall(const HostCall&) = delete;
  HostCall& operator=(const HostCall&) = delete;

  const scanhost_call* abi() const { return &abi_.call; }

  /// What a returned status means, with the message left in the error slot. A failure without a
  /// message says which function failed to say why.
  Status outcome(scanhost_status status, std::string_view function = "the plugin");

 private:
  /// First, so that a scanhost_call* of ours leads back to its HostCall.
  struct Abi {
    scanhost_call call;
    HostCall* owner;
  };

  static HostCall& of(const scanhost_call* call);
  static std::int32_t isCancelled(const scanhost_call* call);
  static void log(const scanhost_call* call, const scanhost_event* event);
  static scanhost_status keepError(const scanhost_call* call, const scanhost_error* error);

  Abi abi_;
  CallOptions options_;
  std::mutex error_mutex_;
  bool has_error_ = false;
  Error error_;
};

}  // namespace scanhost
