// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The queue in a Redis server, for any number of nodes.
///
/// Every function is one Lua script (scripts/), so it is atomic, and Redis's TIME is the only
/// clock. With Sentinel, a thread of its own asks whether the master moved. Safe from any thread.
#pragma once

#include <scanhost/queue.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "plugins/queue/redis/change_feed.h"
#include "plugins/queue/redis/config.h"
#include "plugins/queue/redis/durability_check.h"
#include "plugins/queue/redis/own_call.h"
#include "plugins/queue/redis/redis_client.h"

namespace scanhost::queue_redis {

class RedisQueue : public Queue {
 public:
  explicit RedisQueue(const Settings& settings);
  ~RedisQueue() override;

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
  std::vector<QueuedTask> expire(std::int64_t completed_before_us, std::int64_t failed_before_us,
                                 std::uint32_t limit, Call& call) override;
  QueueOutcome timeOut(const std::string& id, std::uint64_t epoch, std::int64_t now_us,
                       const std::string& error_message, Call& call) override;
  std::optional<QueuedTask> get(const std::string& id, Call& call) override;
  TaskPage list(const TaskQuery& query, Call& call) override;
  QueueCounts counts(Call& call) override;
  void announce(const std::string& worker, const std::vector<InstanceState>& instances,
                Call& call) override;
  std::vector<InstanceState> instances(Call& call) override;
  QueueChanges changes(std::uint64_t sequence, std::chrono::nanoseconds wait, Call& call) override;
  Durability durability(Call& call) override;

 private:
  /// Runs a script and reads its answer; an answer that makes no sense is the server's trouble.
  template <class Read>
  auto ask(const ScriptCall& script, Repeat repeat, Wait wait, Call& call, Read&& read);
  void readRenewals(const Reply& reply, std::vector<RenewalOutcome>& outcomes,
                    const Call& call) const;
  void tellDamaged(const Reply& ids_and_reasons, const Call& call) const;
  [[noreturn]] void failAnswer(const std::string& why) const;

  ServerState look(Call& call);
  void keep(const ServerState& state);
  void watch();
  void stopWatching();

  const Host host_;
  const Config config_;
  RedisClient client_;
  ChangeFeed changes_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::string store_id_;
  std::atomic<std::int64_t> server_ahead_us_{0};  ///< its TIME less our steady clock; 0: not known
  OwnCall own_call_;
  std::thread watcher_;
};

/// The read of a step fails as the store, whatever the server sent.
template <class Read>
auto RedisQueue::ask(const ScriptCall& script, Repeat repeat, Wait wait, Call& call, Read&& read) {
  const Reply reply = client_.run(script, repeat, call, wait);
  try {
    return read(reply);
  } catch (const ProtocolError& error) {
    failAnswer(error.what());
  }
}

}  // namespace scanhost::queue_redis
