// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// How a task lies in its row, and the step of a transaction that works on it.
#pragma once

#include <scanhost/queue_records.h>

#include <optional>
#include <string>
#include <vector>

#include "plugins/shared/sqlite/database.h"

namespace scanhost::queue_sqlite {

/// One caller's part of a transaction.
struct Step {
  sqlite::Database& database;
  std::int64_t now;                   ///< of bootNanos()
  std::vector<QueueChange>& changes;  ///< told to the feed once committed

  void note(const std::string& id, std::optional<TaskState> state) const {
    changes.push_back({0, id, state});
  }
};

/// What decides whether a write may happen.
struct TaskRow {
  std::int64_t seq = 0;
  std::string id;
  std::string pool;
  TaskState state = TaskState::queued;
  bool held = false;  ///< paused while it waited
  bool bound = false;
  TaskFlags flags;
  std::uint64_t epoch = 0;
  std::uint64_t launch = 0;
  LeaseToken token{};
  bool leased = false;
  std::int64_t lease_until_ns = 0;
  std::string reference, run_id;

  bool underWay() const {
    return (state == TaskState::running || state == TaskState::paused) && !held;
  }
  bool leaseLives(std::int64_t now) const { return underWay() && leased && lease_until_ns > now; }
  bool heldBy(const Lease& lease) const {
    return underWay() && leased && epoch == lease.epoch && token == lease.token;
  }
};

std::optional<TaskRow> findRow(sqlite::Database& database, const std::string& id);

/// The whole record; throws a PluginError that names a record which makes no sense.
QueuedTask loadTask(sqlite::Database& database, std::int64_t seq, std::int64_t now);
/// The same, with its position when it is queued: counts the waiting tasks before it.
QueuedTask loadPlacedTask(sqlite::Database& database, std::int64_t seq, std::int64_t now);
/// The same for a task that has just come: counts the few, if any, that come after it.
QueuedTask loadNewTask(sqlite::Database& database, std::int64_t seq, std::int64_t now);

inline sqlite::Blob blob(const LeaseToken& token) {
  return {token.data(), token.size()};
}

}  // namespace scanhost::queue_sqlite
