// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/runs.h"

#include <algorithm>

namespace scanhost {

namespace {

/// A launch is not cut short: it alone knows what it made, and removes it.
void endWork(Run& run) {
  const bool launching = run.isRemote() && !run.ended;
  if (!launching) run.cancel->cancel();
}

}  // namespace

Run& Runs::add(QueuedTask task, ScannerPtr instance) {
  auto run = std::make_unique<Run>();
  run->instance = std::move(instance);
  run->task = std::move(task);
  run->leased_at = work_.time.wall();
  auto& place = runs_[run->task.id];
  if (place) endWork(*place);
  place = std::move(run);
  count_.store(runs_.size());
  return *place;
}

void Runs::traceEnd(const Run& run) const {
  AttemptEnd end;
  if (run.finish) {
    end.status = taskStateName(run.finish->state);
    if (run.finish->error_class) end.error_class = errorClassName(*run.finish->error_class);
    end.message = run.finish->error_message;
  } else if (run.release) {
    end.status = run.release->stay_running ? "running" : "queued";
    if (run.release->error_class) end.error_class = errorClassName(*run.release->error_class);
    end.message = run.release->error_message;
  }
  recordAttempt(work_.spans, run.task, run.leased_at, work_.time.wall(), end);
}

Run* Runs::find(const std::string& id, std::uint64_t epoch) {
  const auto found = runs_.find(id);
  return found != runs_.end() && found->second->task.epoch == epoch ? found->second.get() : nullptr;
}

Run* Runs::find(const std::string& id) {
  const auto found = runs_.find(id);
  return found != runs_.end() ? found->second.get() : nullptr;
}

void Runs::drop(Run& run) {
  endWork(run);
  const std::string id = run.task.id;
  runs_.erase(id);
  count_.store(runs_.size());
}

/// A step under way is its old instance's to the end. A scan made by another plugin means nothing
/// to the new one.
void Runs::moveOn(Run& run) const {
  if (run.busy || !run.instance || !run.instance->retired()) return;
  ScannerPtr next = work_.scanners->find(run.task.pool, run.task.instance);
  const bool takes_over = next && next->settings().enabled &&
                          next->settings().type == run.instance->settings().type &&
                          next->isRemote() == run.instance->isRemote();
  if (!takes_over) return;
  run.instance = std::move(next);
  run.waiting = false;
}

std::vector<Run*> Runs::all() {
  std::vector<Run*> all;
  all.reserve(runs_.size());
  for (const auto& [id, run] : runs_) all.push_back(run.get());
  return all;
}

void Runs::showCounts() {
  const auto running = std::count_if(runs_.begin(), runs_.end(), [](const auto& entry) {
    return entry.second->task.state == TaskState::running;
  });
  work_.metrics.updateActiveScansCount(running);
  work_.metrics.updateLeasesHeld(static_cast<std::int64_t>(runs_.size()));
}

}  // namespace scanhost
