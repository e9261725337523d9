// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Tasks that nothing moves: waiting for longer than housekeeping.stale_after, or under way without
/// a live lease for that long. They end as timeout.
///
/// Time in which no scanner of a task's pool could take it does not count, nor does a pause. A task
/// without a lease is taken over by any worker that serves its instance, so one that stays without
/// was offered to all there are. Pools that other nodes serve are left to these. For one thread.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "host/tasks/instance_reports.h"
#include "host/tasks/work.h"

namespace scanhost {

class StaleTasks {
 public:
  using Clock = std::chrono::steady_clock;

  StaleTasks(const Work& work, const InstanceReports& reports) : work_(work), reports_(reports) {}

  /// Notes which pools can take tasks now. Call it often, or an outage goes unseen.
  void watchPools(Clock::time_point now);
  /// Ends what is stale and answers the tasks as they were. Blocks.
  std::vector<QueuedTask> run(Clock::time_point now,
                              const std::shared_ptr<const CancelSource>& cancel);

 private:
  using Handler = std::function<void(const QueuedTask&)>;
  struct Leaseless {
    std::uint64_t epoch = 0;
    Clock::time_point since{};
    bool seen = false;
  };

  /// Tasks of a state that began to wait before `before_us`, oldest first.
  void walk(TaskState state, std::int64_t before_us,
            const std::shared_ptr<const CancelSource>& cancel, const Handler& handler);
  bool couldBeTaken(const std::string& pool, Clock::time_point since) const;
  bool leaselessSince(const QueuedTask& task, Clock::time_point now, Clock::time_point since);
  void end(const QueuedTask& task, const std::string& why,
           const std::shared_ptr<const CancelSource>& cancel, std::vector<QueuedTask>& ended);

  const Work& work_;
  const InstanceReports& reports_;
  std::map<std::string, Clock::time_point> shut_;  ///< when a pool last could take nothing
  std::map<std::string, Leaseless> leaseless_;
};

}  // namespace scanhost
