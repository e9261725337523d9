// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/circuit_breaker.h"

namespace scanhost {

const char* circuitStateName(CircuitState state) {
  switch (state) {
    case CircuitState::closed: return "closed";
    case CircuitState::open: return "open";
    case CircuitState::half_open: return "half_open";
  }
  return "closed";
}

void CircuitBreaker::goOnFrom(const CircuitBreaker& other) {
  const Limits own = limits_;
  *this = other;
  limits_ = own;
}

bool CircuitBreaker::recordFailure(Clock::time_point now) {
  ++failures_;
  const bool opens = state_ == CircuitState::half_open ||
                     (state_ == CircuitState::closed && failures_ >= limits_.failures);
  if (opens) {
    state_ = CircuitState::open;
    retry_at_ = now + limits_.open_for;
  }
  return opens;
}

bool CircuitBreaker::recordSuccess() {
  failures_ = 0;
  if (state_ == CircuitState::closed) return false;
  state_ = CircuitState::closed;
  return true;
}

bool CircuitBreaker::beginProbe(Clock::time_point now) {
  if (state_ != CircuitState::open || now < retry_at_) return false;
  state_ = CircuitState::half_open;
  retry_at_ = now + limits_.probe_deadline;
  return true;
}

bool CircuitBreaker::expireProbe(Clock::time_point now) {
  return state_ == CircuitState::half_open && now >= retry_at_ && recordFailure(now);
}

}  // namespace scanhost
