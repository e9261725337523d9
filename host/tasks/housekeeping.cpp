// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/housekeeping.h"

#include <algorithm>

#include "host/tasks/remote_cleanup.h"

namespace scanhost {
namespace {

using Clock = std::chrono::steady_clock;

/// So often the pools are looked at, for an outage of theirs does not count against a task.
constexpr std::chrono::milliseconds watch_interval = std::chrono::seconds(10);
constexpr std::chrono::milliseconds first_round = std::chrono::minutes(1);

}  // namespace

Housekeeping::Housekeeping(const Work& work, const InstanceReports& reports)
    : work_(work), reports_(reports), thread_([this] { loop(); }) {}

Housekeeping::~Housekeeping() {
  {
    const std::lock_guard lock(mutex_);
    cancel_->cancel();
  }
  stopped_.notify_all();
  thread_.join();
}

void Housekeeping::loop() {
  const auto interval = work_.config->housekeeping.interval;
  StaleTasks stale(work_, reports_);
  FindingsExpiry findings(work_);
  auto next_round = Clock::now() + std::min(interval, first_round);
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      const auto until = std::min(next_round, Clock::now() + watch_interval);
      if (stopped_.wait_until(lock, until, [this] { return cancel_->cancelled(); })) return;
    }
    stale.watchPools(Clock::now());
    if (Clock::now() < next_round) continue;
    const auto began = Clock::now();
    const Report report = clearUp(stale, findings);
    announce(report, Clock::now() - began);
    next_round = began + interval;
  }
}

Housekeeping::Report Housekeeping::clearUp(StaleTasks& stale, FindingsExpiry& findings) {
  const HousekeepingConfig settings = work_.config->housekeeping;
  const bool serves = work_.config->node.hasRole(NodeRole::worker);
  Report report;
  if (settings.stale_enabled && serves) {
    const auto ended = stale.run(Clock::now(), cancel_);
    report.stale = ended.size();
    if (settings.stale_remote_delete)
      for (const QueuedTask& task : ended)
        report.remote_deleted += removeRemoteScan(work_, task, cancel_) ? 1 : 0;
  }
  if (settings.remote_cleanup && serves)
    report.remote_deleted += cleanUpRemoteScans(work_, cancel_);
  report.expired = expireRecords(work_, cancel_);
  report.findings_removed = findings.run(cancel_);
  return report;
}

void Housekeeping::announce(const Report& report, Clock::duration took) const {
  const std::chrono::duration<double, std::milli> milliseconds = took;
  work_.events.log().emit(Level::info, "housekeeping", "housekeeping_completed", "",
                          Json::object({{"expired", report.expired},
                                        {"stale", report.stale},
                                        {"remote_deleted", report.remote_deleted},
                                        {"findings_removed", report.findings_removed},
                                        {"duration_ms", milliseconds.count()}}));
}

}  // namespace scanhost
