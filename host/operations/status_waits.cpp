// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/operations/status_waits.h"

#include <utility>

namespace scanhost {

StatusWaits::StatusWaits(Options options) : options_(options), thread_([this] { loop(); }) {}

bool StatusWaits::add(std::string task_id, Clock::time_point until,
                      std::shared_ptr<const CancelSource> cancelled, Look look) {
  auto wait = std::make_shared<Wait>();
  wait->until = until;
  wait->cancelled = std::move(cancelled);
  wait->look = std::move(look);
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || waits_.size() >= options_.most) return false;
    waits_.emplace(std::move(task_id), std::move(wait));
    is_stirred_ = true;
  }
  stirred_.notify_one();
  return true;
}

void StatusWaits::heard(const QueueChanges& changes) {
  {
    const std::lock_guard lock(mutex_);
    if (waits_.empty()) return;
    const auto stir = [this](Waits::iterator first, Waits::iterator last) {
      for (; first != last; ++first) is_stirred_ = first->second->is_stirred = true;
    };
    if (changes.gap) stir(waits_.begin(), waits_.end());
    for (const QueueChange& change : changes.changes) {
      const auto [first, last] = waits_.equal_range(change.id);
      stir(first, last);
    }
    if (!is_stirred_) return;
  }
  stirred_.notify_one();
}

void StatusWaits::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stirred_.notify_one();
  const std::lock_guard lock(stop_mutex_);
  if (thread_.joinable()) thread_.join();
}

std::size_t StatusWaits::waiting() const {
  const std::lock_guard lock(mutex_);
  return waits_.size();
}

void StatusWaits::loop() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      const auto due = [this] { return is_stirred_ || stopping_; };
      if (waits_.empty())
        stirred_.wait(lock, due);
      else
        stirred_.wait_for(lock, options_.tick, due);
      is_stirred_ = false;
      if (stopping_ && waits_.empty()) return;
    }
    for (const Due& due : takeDue())
      if (due.wait->look(due.is_over)) forget(due);
  }
}

std::vector<StatusWaits::Due> StatusWaits::takeDue() {
  const auto now = Clock::now();
  std::vector<Due> due;
  const std::lock_guard lock(mutex_);
  for (auto& [task_id, wait] : waits_) {
    const bool is_over =
        stopping_ || now >= wait->until || (wait->cancelled && wait->cancelled->cancelled());
    if (!is_over && !wait->is_stirred && now < wait->next_look) continue;
    wait->is_stirred = false;
    wait->next_look = now + options_.look_every;
    due.push_back({task_id, wait, is_over});
  }
  return due;
}

void StatusWaits::forget(const Due& done) {
  const std::lock_guard lock(mutex_);
  const auto [first, last] = waits_.equal_range(done.task_id);
  for (auto at = first; at != last; ++at)
    if (at->second == done.wait) {
      waits_.erase(at);
      return;
    }
}

}  // namespace scanhost
