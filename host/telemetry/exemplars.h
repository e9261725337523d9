// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The trace of the last value in each bucket of a histogram, so that a reader gets from a number
/// to what made it. For what is observed seldom: each note takes a lock. Any thread.
#pragma once

#include <scanhost/trace.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "host/base/time.h"

namespace scanhost {

struct Exemplar {
  double value = 0;
  Timestamp time;
  scanhost_trace trace{};
};

class Exemplars {
 public:
  /// Of the histogram's buckets, without the last, which has none.
  explicit Exemplars(std::vector<double> bounds)
      : bounds_(std::move(bounds)), last_(bounds_.size() + 1) {}

  /// Nothing for a trace that is none.
  void note(double value, const scanhost_trace& trace, Timestamp time) {
    if (!hasTrace(trace)) return;
    const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
    const std::lock_guard lock(mutex_);
    last_[static_cast<std::size_t>(bucket)] = Exemplar{value, time, trace};
  }

  /// Ascending by value.
  std::vector<Exemplar> list() const {
    std::vector<Exemplar> found;
    const std::lock_guard lock(mutex_);
    for (const auto& one : last_)
      if (one) found.push_back(*one);
    return found;
  }

 private:
  const std::vector<double> bounds_;
  mutable std::mutex mutex_;
  std::vector<std::optional<Exemplar>> last_;
};

}  // namespace scanhost
