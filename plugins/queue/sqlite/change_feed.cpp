// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/queue/sqlite/change_feed.h"

#include <algorithm>

namespace scanhost::queue_sqlite {
namespace {

constexpr std::size_t most_kept = 10'000;
constexpr std::size_t most_told = 1'000;
constexpr std::chrono::milliseconds look_up{200};  ///< how often a waiter asks whether to stop

}  // namespace

/// Numbers begin at the wall clock's microseconds, so they grow over restarts too.
ChangeFeed::ChangeFeed()
    : last_(static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                           std::chrono::system_clock::now().time_since_epoch())
                                           .count())) {}

void ChangeFeed::publish(std::vector<QueueChange> changes) {
  if (changes.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    for (QueueChange& change : changes) {
      change.sequence = ++last_;
      changes_.push_back(std::move(change));
    }
    while (changes_.size() > most_kept) changes_.pop_front();
  }
  changed_.notify_all();
}

QueueChanges ChangeFeed::after(std::uint64_t sequence, std::chrono::nanoseconds wait,
                               const Call& call) {
  const auto end = std::chrono::steady_clock::now() +
                   std::clamp(wait, std::chrono::nanoseconds(0),
                              std::chrono::nanoseconds(std::chrono::hours(24)));
  std::unique_lock lock(mutex_);
  while (sequence == last_ && !closed_) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= end) break;
    call.check();
    changed_.wait_until(lock, std::min(end, now + look_up));
  }
  return known(sequence);
}

QueueChanges ChangeFeed::known(std::uint64_t sequence) const {
  const std::uint64_t first = last_ - changes_.size();  // what comes before the oldest known one
  if (sequence < first || sequence > last_) return {last_, {}};
  QueueChanges found;
  for (std::size_t i = static_cast<std::size_t>(sequence - first);
       i < changes_.size() && found.changes.size() < most_told; ++i)
    found.changes.push_back(changes_[i]);
  return found;
}

void ChangeFeed::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

}  // namespace scanhost::queue_sqlite
