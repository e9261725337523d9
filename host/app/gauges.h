// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Gauges that tell what the shared queue holds: read from its counters whenever metrics are about
/// to be shown, so that what is scraped is what is. Any thread.
#pragma once

#include <scanhost/json.h>

#include <chrono>
#include <functional>
#include <mutex>

#include "host/tasks/work.h"
#include "host/telemetry/health.h"

namespace scanhost {

class Gauges {
 public:
  Gauges(const Work& work, Health& health) : work_(work), health_(health) {}

  /// Asks the queue and the health, at most once a second. When the queue does not answer its
  /// gauges stay as they are.
  void refresh();
  /// Replaces what they are read for, so that a look at what was before is over.
  void whileStill(const std::function<void()>& change) {
    const std::lock_guard lock(mutex_);
    change();
    next_ = {};
  }
  /// The fields of metrics_scraped.
  Json summary(double duration_ms, std::size_t metrics_count, std::size_t active_scans) const;

 private:
  void show(const QueueCounts& counts);

  const Work& work_;
  Health& health_;
  mutable std::mutex mutex_;
  std::chrono::steady_clock::time_point next_{};
  std::uint64_t waiting_ = 0, dead_ = 0;
};

}  // namespace scanhost
