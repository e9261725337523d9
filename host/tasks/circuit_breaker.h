// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Stands in front of a scanner instance: after repeated failures to reach it, no new work is sent
/// there until one probe has succeeded.
///
/// Not synchronised; its owner's lock covers it.
#pragma once

#include <chrono>
#include <cstdint>

namespace scanhost {

enum class CircuitState { closed, open, half_open };

/// "closed", "open", "half_open"
const char* circuitStateName(CircuitState state);

class CircuitBreaker {
 public:
  using Clock = std::chrono::steady_clock;
  struct Limits {
    int failures = 5;
    std::chrono::milliseconds open_for{30'000};
    std::chrono::milliseconds probe_deadline{30'000};
  };

  explicit CircuitBreaker(Limits limits) : limits_(limits) {}

  /// Is as the other is, within limits of its own.
  void goOnFrom(const CircuitBreaker& other);

  CircuitState state() const { return state_; }
  int failures() const { return failures_; }
  /// When an open circuit may be probed.
  Clock::time_point retryAt() const { return retry_at_; }
  bool takesWork() const { return state_ == CircuitState::closed; }

  /// True once when the circuit opened by this failure.
  bool recordFailure(Clock::time_point now);
  /// True once when the circuit closed by this success.
  bool recordSuccess();
  /// Whether the caller may probe now; the circuit is half open until the probe has answered.
  bool beginProbe(Clock::time_point now);
  /// True once when a probe did not answer within `probe_deadline`: the circuit is open again.
  bool expireProbe(Clock::time_point now);

 private:
  Limits limits_;
  CircuitState state_ = CircuitState::closed;
  int failures_ = 0;
  Clock::time_point retry_at_{};
};

}  // namespace scanhost
