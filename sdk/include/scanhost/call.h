// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The call context in C++: deadline, cancellation, log, and how an error leaves the plugin.
#ifndef SCANHOST_CALL_H
#define SCANHOST_CALL_H

#include <chrono>
#include <cstdint>
#include <new>
#include <string_view>

#include "abi/call.h"
#include "error.h"
#include "json.h"
#include "text.h"

namespace scanhost {
inline namespace v1 {

enum class LogLevel : int {
  debug = SCANHOST_LEVEL_DEBUG,
  info = SCANHOST_LEVEL_INFO,
  warning = SCANHOST_LEVEL_WARNING,
  error = SCANHOST_LEVEL_ERROR,
};

/// Lives as long as the call it came with: pass it down, never store it. Any thread may use it.
class Call {
 public:
  explicit Call(const scanhost_call* call) noexcept : call_(call) {}

  /// True once the host no longer wants the result. Ask at least once a second while working.
  bool cancelled() const noexcept { return call_->is_cancelled(call_) != 0; }
  /// Throws PluginError (cancelled, or timeout when the deadline has passed) once cancelled.
  void check() const {
    if (!cancelled()) return;
    if (timeLeft() <= std::chrono::nanoseconds(0))
      throw PluginError(ErrorClass::timeout, "the deadline passed");
    throw PluginError(ErrorClass::cancelled, "cancelled");
  }
  /// For poll(2): readable once cancelled, -1 when this call cannot be cancelled.
  int cancelFd() const noexcept { return call_->cancel_fd; }

  /// Until the deadline, negative after; nanoseconds::max() when there is none.
  std::chrono::nanoseconds timeLeft() const noexcept {
    if (call_->deadline_ns == INT64_MAX) return std::chrono::nanoseconds::max();
    const auto now = std::chrono::steady_clock::now().time_since_epoch();  // CLOCK_MONOTONIC here
    return std::chrono::nanoseconds(call_->deadline_ns) -
           std::chrono::duration_cast<std::chrono::nanoseconds>(now);
  }

  const scanhost_trace& trace() const noexcept { return call_->trace; }

  /// Logs within this call's trace: a stable event name and its fields, never a secret.
  void log(LogLevel level, std::string_view event, const Json& fields = Json::object()) const {
    const std::string json = fields.dump();
    const scanhost_event record{sizeof(scanhost_event), static_cast<int32_t>(level), toText(event),
                                toText(json)};
    call_->log(call_, &record);
  }

  const scanhost_call* abi() const noexcept { return call_; }

 private:
  const scanhost_call* call_;
};

namespace detail {

inline scanhost_status report(const scanhost_call* call, ErrorClass error_class,
                              std::string_view message,
                              ErrorSubject subject = ErrorSubject::task,
                              std::chrono::nanoseconds retry_after = {}) noexcept {
  const scanhost_error error{sizeof(scanhost_error),
                             static_cast<int32_t>(error_class),
                             static_cast<int32_t>(subject),
                             0,
                             retry_after.count(),
                             toText(message)};
  return call->fail(call, &error);
}

/// A sink answered other than SCANHOST_OK: unwinds to the boundary, which returns that answer.
struct SinkRefused {
  scanhost_status status;
};

inline void throwUnlessOk(scanhost_status status) {
  if (status != SCANHOST_OK) throw SinkRefused{status};
}

/// The boundary: no exception passes it. `body` takes a Call&.
template <class Body>
scanhost_status guarded(const scanhost_call* call, Body&& body) noexcept {
  try {
    Call context(call);
    body(context);
    return SCANHOST_OK;
  } catch (const SinkRefused& refused) {
    return refused.status;
  } catch (const PluginError& error) {
    return report(call, error.errorClass(), error.what(), error.subject(), error.retryAfter());
  } catch (const std::bad_alloc&) {
    return report(call, ErrorClass::internal, "out of memory");
  } catch (const std::exception& error) {
    return report(call, ErrorClass::internal, error.what());
  } catch (...) {
    return report(call, ErrorClass::internal, "an unknown exception");
  }
}

}  // namespace detail
}  // namespace v1
}  // namespace scanhost

#endif
