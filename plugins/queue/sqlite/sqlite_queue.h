// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The queue in one SQLite file, for one process.
///
/// Writes go through one thread that commits what comes together (GroupWriter); what a caller is
/// told was committed before, with an fsync unless `synchronous` is normal. Renewals wait for no
/// fsync: a loss of power ends every lease anyway. Reads go beside it. Safe from any thread.
#pragma once

#include <scanhost/queue.h>

#include <memory>
#include <shared_mutex>

#include "plugins/queue/sqlite/announcements.h"
#include "plugins/queue/sqlite/change_feed.h"
#include "plugins/queue/sqlite/config.h"
#include "plugins/queue/sqlite/steps.h"
#include "plugins/shared/sqlite/store.h"

namespace scanhost::queue_sqlite {

class SqliteQueue : public Queue {
 public:
  explicit SqliteQueue(const Settings& settings);

  void start(Call& call) override;
  void stop(Call& call) override;

  TaskAnswer submit(const Submission& submission, Call& call) override;
  std::vector<QueuedTask> lease(const LeaseRequest& request, Call& call) override;
  std::vector<RenewalOutcome> renew(const std::vector<Renewal>& renewals,
                                    std::chrono::nanoseconds lease, Call& call) override;
  TaskAnswer advance(const Lease& lease, const Change& change, Call& call) override;
  QueueOutcome finish(const Lease& lease, const Finish& finish, Call& call) override;
  QueueOutcome release(const Lease& lease, const Release& release, Call& call) override;
  TaskAnswer redrive(const std::string& id, bool relaunch, Call& call) override;
  TaskAnswer request(const std::string& id, TaskRequest what, std::int64_t now_us,
                     Call& call) override;
  QueueOutcome remove(const std::string& id, Call& call) override;
  QueueOutcome timeOut(const std::string& id, std::uint64_t epoch, std::int64_t now_us,
                       const std::string& error_message, Call& call) override;
  std::vector<QueuedTask> expire(std::int64_t completed_before_us, std::int64_t failed_before_us,
                                 std::uint32_t limit, Call& call) override;
  std::optional<QueuedTask> get(const std::string& id, Call& call) override;
  TaskPage list(const TaskQuery& query, Call& call) override;
  QueueCounts counts(Call& call) override;
  void announce(const std::string& worker, const std::vector<InstanceState>& instances,
                Call& call) override;
  std::vector<InstanceState> instances(Call& call) override;
  QueueChanges changes(std::uint64_t sequence, std::chrono::nanoseconds wait, Call& call) override;
  Durability durability(Call& call) override;

 private:
  /// The open store for as long as the answer lives; throws once stopped.
  std::shared_ptr<sqlite::Store> store() const;
  template <class Work>
  auto write(Call& call, sqlite::Sync sync, Work&& work);
  void endLeasesOfEarlierBoots(sqlite::Store& store, Call& call);

  const Host host_;
  const Config config_;
  mutable std::mutex store_mutex_;
  std::shared_ptr<sqlite::Store> store_;
  ChangeFeed feed_;
  Announcements announcements_;
};

}  // namespace scanhost::queue_sqlite
