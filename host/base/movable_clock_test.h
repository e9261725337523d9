// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The system's clocks, of which a test sets one and lets time pass on both. Any thread.
#pragma once

#include <atomic>

#include "host/base/time.h"

namespace scanhost {

class MovableClock : public TimeSource {
 public:
  std::chrono::steady_clock::time_point steady() const override {
    return TimeSource::steady() + passed_.load();
  }
  Timestamp wall() const override {
    const auto passed = std::chrono::duration_cast<std::chrono::microseconds>(passed_.load());
    return {Timestamp::now().micros + ahead_us_.load() + passed.count()};
  }
  /// From now on it shows so much more than the system's.
  void setAhead(std::chrono::microseconds ahead) { ahead_us_ = ahead.count(); }
  /// Both clocks go on at once by so much.
  void pass(std::chrono::seconds time) { passed_ = passed_.load() + time; }

 private:
  std::atomic<std::int64_t> ahead_us_{0};
  std::atomic<std::chrono::seconds> passed_{std::chrono::seconds(0)};
};

}  // namespace scanhost
