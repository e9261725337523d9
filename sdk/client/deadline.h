// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The moment at which a call gives up, carried through every step of it.
#pragma once

#include <algorithm>
#include <chrono>
#include <thread>

namespace scanhost::client {

class Deadline {
 public:
  using Clock = std::chrono::steady_clock;
  explicit Deadline(std::chrono::milliseconds from_now) : at_(Clock::now() + from_now) {}

  bool passed() const { return Clock::now() >= at_; }
  /// Never negative.
  std::chrono::milliseconds remaining() const {
    return std::max(std::chrono::milliseconds(0),
                    std::chrono::duration_cast<std::chrono::milliseconds>(at_ - Clock::now()));
  }
  /// Sleeps for `wanted`, or until the deadline if that comes first.
  void sleep(std::chrono::milliseconds wanted) const {
    std::this_thread::sleep_for(std::min(wanted, remaining()));
  }

 private:
  Clock::time_point at_;
};

}  // namespace scanhost::client
