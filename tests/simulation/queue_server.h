// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The queue of a run: the steps of queue-sqlite on a database in memory, at simulated time. Each
/// is one transaction, as in the plugin; only the clock and the file are other ones.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plugins/queue/sqlite/announcements.h"
#include "plugins/queue/sqlite/steps.h"
#include "tests/simulation/checker.h"
#include "tests/simulation/protections.h"
#include "tests/simulation/world.h"

namespace scanhost::simulation {

class QueueServer {
 public:
  QueueServer(World& world, Checker& checker, Protection removed);

  /// Hears of every change, as a node's reader of changes would.
  void onChange(std::function<void(const QueueChanges&)> heard) { on_change_ = std::move(heard); }

  TaskAnswer submit(const Submission& submission);
  std::vector<QueuedTask> lease(LeaseRequest request);
  std::vector<RenewalOutcome> renew(const std::vector<Renewal>& renewals, Nanos length);
  TaskAnswer advance(Lease lease, const Change& change);
  QueueOutcome finish(Lease lease, const Finish& finish);
  QueueOutcome release(Lease lease, Release release);
  TaskAnswer redrive(const std::string& id, bool relaunch);
  TaskAnswer request(const std::string& id, TaskRequest what, std::int64_t now_us);
  QueueOutcome remove(const std::string& id);
  QueueOutcome timeOut(const std::string& id, std::uint64_t epoch, std::int64_t now_us,
                       const std::string& error_message);
  std::optional<QueuedTask> get(const std::string& id);
  TaskPage list(const TaskQuery& query);
  QueueCounts counts();
  int announce(const std::vector<InstanceState>& instances);
  std::vector<InstanceState> instances();

  std::map<std::string, QueuedTask> allTasks();

 private:
  template <class Work>
  auto transact(Work&& work);
  std::int64_t now() const;
  void checkLimits(const LeaseRequest& request);
  /// Without fencing: whoever writes is taken for the holder.
  void forgeLease(Lease& lease);

  World& world_;
  Checker& checker_;
  const Protection removed_;
  sqlite::Database database_{":memory:", sqlite::Database::Mode::read_write};
  queue_sqlite::Announcements announcements_;
  std::function<void(const QueueChanges&)> on_change_;
  std::uint64_t submissions_ = 0;
};

}  // namespace scanhost::simulation
