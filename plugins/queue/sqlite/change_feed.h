// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Tells waiting readers what changed, in order of commits. Kept in memory, for a bounded past: who
/// falls behind, or comes back after a restart, is told of a gap.
///
/// Safe from any thread.
#pragma once

#include <scanhost/call.h>
#include <scanhost/queue_records.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

namespace scanhost::queue_sqlite {

class ChangeFeed {
 public:
  ChangeFeed();

  /// Numbers the changes and wakes who waits.
  void publish(std::vector<QueueChange> changes);
  /// Waits up to `wait` for changes after `sequence`; at once when there are some, or a gap.
  QueueChanges after(std::uint64_t sequence, std::chrono::nanoseconds wait, const Call& call);
  /// Ends every wait.
  void close();

 private:
  QueueChanges known(std::uint64_t sequence) const;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<QueueChange> changes_;
  std::uint64_t last_;
  bool closed_ = false;
};

}  // namespace scanhost::queue_sqlite
