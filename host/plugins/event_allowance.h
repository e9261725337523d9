// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// How much a runner may say on its own account: so many things at once, so many a second. What is
/// more waits in its pipe, which slows down nobody but the runner. One thread.
#pragma once

#include <algorithm>
#include <chrono>

namespace scanhost {

class EventAllowance {
 public:
  using Clock = std::chrono::steady_clock;

  bool isSpent(Clock::time_point now) {
    const std::chrono::duration<double> passed = now - since_;
    since_ = now;
    left_ = std::min(at_once, left_ + passed.count() * per_second);
    return left_ < 1;
  }
  void spend(double share = 1) { left_ -= share; }
  /// Until something may be said again.
  static constexpr std::chrono::milliseconds pause{20};

 private:
  static constexpr double at_once = 2000, per_second = 100;

  double left_ = at_once;
  Clock::time_point since_ = Clock::now();
};

}  // namespace scanhost
