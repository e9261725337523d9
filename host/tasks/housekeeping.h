// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Clears up every housekeeping.interval, on a thread of its own: records and findings whose time
/// has come, stale tasks, remote scans that are left over. Several nodes may do it at once: each
/// part is a step of the queue that happens once.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

#include "host/tasks/expiry.h"
#include "host/tasks/stale_tasks.h"

namespace scanhost {

class Housekeeping {
 public:
  struct Report {
    std::size_t expired = 0;             ///< records
    std::size_t stale = 0;               ///< tasks timed out
    std::size_t remote_deleted = 0;      ///< scans on scanners
    std::uint64_t findings_removed = 0;  ///< generations
  };

  /// Begins at once, with a first round soon after. Borrows both.
  Housekeeping(const Work& work, const InstanceReports& reports);
  /// Cancels what is under way.
  ~Housekeeping();
  Housekeeping(const Housekeeping&) = delete;
  Housekeeping& operator=(const Housekeeping&) = delete;

 private:
  void loop();
  Report clearUp(StaleTasks& stale, FindingsExpiry& findings);
  void announce(const Report& report, std::chrono::steady_clock::duration took) const;

  const Work& work_;
  const InstanceReports& reports_;
  const std::shared_ptr<CancelSource> cancel_ = std::make_shared<CancelSource>();
  std::mutex mutex_;
  std::condition_variable stopped_;
  std::thread thread_;
};

}  // namespace scanhost
