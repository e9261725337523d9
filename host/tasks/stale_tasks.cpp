// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/stale_tasks.h"

#include <algorithm>

#include "host/tasks/endings.h"

namespace scanhost {
namespace {

constexpr std::uint32_t at_once = 200;

}  // namespace

void StaleTasks::watchPools(Clock::time_point now) {
  const bool may_launch = work_.checkLaunches().has_value();
  for (const std::string& pool : work_.scanners->pools()) {
    const auto instances = work_.scanners->enabledIn(pool);
    const bool open = std::any_of(instances.begin(), instances.end(),
                                  [](const ScannerPtr& instance) { return instance->takesWork(); });
    if (!open || !may_launch) shut_[pool] = now;
  }
}

std::vector<QueuedTask> StaleTasks::run(Clock::time_point now,
                                        const std::shared_ptr<const CancelSource>& cancel) {
  watchPools(now);
  const auto age = work_.config->housekeeping.stale_after;
  const std::int64_t before_us = work_.ages.now().micros - std::chrono::microseconds(age).count();
  std::vector<QueuedTask> ended;
  walk(TaskState::queued, before_us, cancel, [&](const QueuedTask& task) {
    if (task.queued_us < before_us && couldBeTaken(task.pool, now - age))
      end(task, "waited longer than housekeeping.stale_after", cancel, ended);
  });

  for (auto& [id, task] : leaseless_) task.seen = false;
  walk(TaskState::running, before_us, cancel, [&](const QueuedTask& task) {
    if (leaselessSince(task, now, now - age))
      end(task, "no worker took it up for longer than housekeeping.stale_after", cancel, ended);
  });
  std::erase_if(leaseless_, [](const auto& entry) { return !entry.second.seen; });
  return ended;
}

void StaleTasks::walk(TaskState state, std::int64_t before_us,
                      const std::shared_ptr<const CancelSource>& cancel, const Handler& handler) {
  TaskQuery query;
  query.state = state;
  query.limit = at_once;
  query.oldest_first = true;
  do {
    auto page = work_.queue.list(query, {.timeout = Work::queue_timeout, .cancel = cancel});
    if (!page) return;
    for (const QueuedTask& task : page->tasks) {
      if (task.created_us >= before_us) return;
      handler(task);
    }
    query.cursor = std::move(page->next);
  } while (!query.cursor.empty() && !cancel->cancelled());
}

bool StaleTasks::couldBeTaken(const std::string& pool, Clock::time_point since) const {
  const bool served_here = work_.scanners->hasPool(pool) && work_.config->node.servesPool(pool);
  if (!served_here) return !reports_.isServedElsewhere(pool);
  const auto shut = shut_.find(pool);
  return shut == shut_.end() || shut->second < since;
}

bool StaleTasks::leaselessSince(const QueuedTask& task, Clock::time_point now,
                                Clock::time_point since) {
  if (task.lease_left.count() > 0) return false;
  Leaseless& known =
      leaseless_.try_emplace(task.id, Leaseless{task.epoch, now, true}).first->second;
  if (known.epoch != task.epoch) known = {task.epoch, now, true};
  known.seen = true;
  return known.since <= since && couldBeTaken(task.pool, since);
}

void StaleTasks::end(const QueuedTask& task, const std::string& why,
                     const std::shared_ptr<const CancelSource>& cancel,
                     std::vector<QueuedTask>& ended) {
  const auto outcome = work_.queue.timeOut(task.id, task.epoch, work_.time.wall().micros, why,
                                           work_.callFor(task, Work::queue_timeout, cancel));
  if (!outcome || *outcome != QueueOutcome::done) return;
  const std::chrono::duration<double, std::ratio<3600>> age =
      std::chrono::microseconds(work_.ages.now().micros - task.queued_us);
  work_.events.emit(Level::warning, "stale_task_timed_out", task,
                    Json::object({{"age_hours", age.count()}}));
  announceMove(work_, task, task.state, TaskState::timeout, why);
  const auto submission = SubmissionDocument::parse(task.submission, task.id);
  std::optional<Metrics::Seconds> duration;
  if (task.started_us > 0) duration = Metrics::Seconds(secondsSinceStart(work_, task));
  work_.metrics.recordScanCompletion(submission ? submission->scan_type : "untrusted",
                                     taskStateName(TaskState::timeout), duration);
  ended.push_back(task);
}

}  // namespace scanhost
