// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/expiry.h"

#include <algorithm>

namespace scanhost {
namespace {

constexpr std::uint32_t at_once = 200;

std::int64_t before(const Work& work, std::chrono::milliseconds age) {
  return work.ages.now().micros - std::chrono::microseconds(age).count();
}

}  // namespace

std::size_t expireRecords(const Work& work, const std::shared_ptr<const CancelSource>& cancel) {
  const HousekeepingConfig settings = work.config->housekeeping;
  std::size_t expired = 0;
  while (!cancel->cancelled()) {
    const auto gone =
        work.queue.expire(before(work, settings.completed_ttl), before(work, settings.failed_ttl),
                          at_once, {.timeout = Work::queue_timeout, .cancel = cancel});
    if (!gone || gone->empty()) break;
    for (const QueuedTask& task : *gone) {
      const std::chrono::duration<double, std::ratio<86400>> age =
          std::chrono::microseconds(work.ages.now().micros - task.completed_us);
      work.metrics.recordTtlDeletion();
      work.events.emit(Level::info, "task_expired", task,
                       Json::object({{"age_days", age.count()}}));
    }
    expired += gone->size();
  }
  return expired;
}

std::uint64_t FindingsExpiry::run(const std::shared_ptr<const CancelSource>& cancel) {
  const auto nobody = [](std::string_view, std::string_view) { return false; };
  const auto its_task = [&](std::string_view task_id, std::string_view generation) {
    return isNamed(task_id, generation, cancel);
  };
  bool whole = true;
  std::uint64_t removed =
      sweep(0, before(work_, work_.config->results.retention), nobody, cancel, whole);

  // By then a task that opened it has ended, and named it or another.
  const std::int64_t settled = before(work_, work_.config->tasks.timeout + std::chrono::hours(1));
  removed += sweep(judged_until_us_, settled, its_task, cancel, whole);
  if (whole) judged_until_us_ = std::max(judged_until_us_, settled);
  return removed;
}

std::uint64_t FindingsExpiry::sweep(std::int64_t from_us, std::int64_t before_us,
                                    const ResultsClient::Keep& keep,
                                    const std::shared_ptr<const CancelSource>& cancel,
                                    bool& whole) const {
  std::uint64_t removed = 0;
  while (before_us > from_us) {
    const auto went = work_.results.sweep(from_us, before_us, at_once, keep,
                                          {.timeout = Work::results_timeout, .cancel = cancel});
    whole = whole && went.has_value();
    if (!went || *went == 0) break;
    removed += *went;
  }
  return removed;
}

/// In doubt it is. What an expired record named is not known any more, and stays for its time.
bool FindingsExpiry::isNamed(std::string_view task_id, std::string_view generation,
                             const std::shared_ptr<const CancelSource>& cancel) const {
  const auto task = work_.queue.get(task_id, {.timeout = Work::queue_timeout, .cancel = cancel});
  if (!task || !*task) return true;
  if (!isTerminal((*task)->state) || (*task)->generation.empty()) return true;
  return (*task)->generation == generation;
}

}  // namespace scanhost
