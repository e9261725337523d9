// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// queue-redis and a server in trouble: killed, restarted, emptied, full, slow, moved.
#include <csignal>
#include <mutex>
#include <set>
#include <thread>

#include "plugins/queue/redis/redis_fixture.h"

namespace scanhost::queue_redis {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing_support::RedisServer;

void expectTransient(const Error& error, const std::string& part) {
  EXPECT_EQ(error.error_class, ErrorClass::transient);
  EXPECT_EQ(error.subject, ErrorSubject::backend);
  EXPECT_THAT(error.message, HasSubstr(part));
}

TEST(RedisFaults, AcceptedTasksAndLeasesSurviveAKilledServer) {
  RedisServer server({"--appendfsync", "always"});
  Node node(settingsFor(server));
  Submission keyed = submission("t1");
  keyed.key = "k";
  keyed.key_ttl = 1min;
  ASSERT_TRUE(node->submit(keyed, {}));
  ASSERT_TRUE(created(node, "t2"));
  const auto leased = node->lease(leaseRequest(), {});
  ASSERT_EQ(leased->size(), 1u);

  server.end(SIGKILL);
  const auto refused = node->submit(submission("t3"), {});
  ASSERT_FALSE(refused);
  expectTransient(refused.error(), "127.0.0.1:" + std::to_string(server.port()));
  server.restart();

  const std::vector<Renewal> renewals{{leased->at(0).lease(), false, ""}};
  Result<std::vector<RenewalOutcome>> renewed;
  ASSERT_TRUE(eventually([&] { return (renewed = node->renew(renewals, 1min, {})).has_value(); }));
  EXPECT_EQ(renewed->at(0).outcome, QueueOutcome::done);
  EXPECT_EQ(node->get("t2", {})->value().state, TaskState::queued);
  keyed.id = "t4";
  EXPECT_EQ(node->submit(keyed, {})->outcome, QueueOutcome::replay);
}

TEST(RedisFaults, AServerThatForgotItsScriptsIsTaughtThemAgain) {
  RedisServer server;
  Node node(settingsFor(server));
  for (int i = 0; i < 130; ++i) ASSERT_TRUE(created(node, "t" + std::to_string(i)));
  const auto leased = node->lease(leaseRequest(130), {});
  ASSERT_EQ(leased->size(), 130u);
  std::vector<Renewal> renewals;
  for (const QueuedTask& task : *leased) renewals.push_back({task.lease(), true, ""});

  server.cli({"SCRIPT", "FLUSH"});

  const auto renewed = node->renew(renewals, 1min, {});
  ASSERT_TRUE(renewed) << renewed.error().message;
  for (const RenewalOutcome& outcome : *renewed) EXPECT_EQ(outcome.outcome, QueueOutcome::done);
  EXPECT_EQ(*node->finish(leased->at(0).lease(), {}, {}), QueueOutcome::done);
}

TEST(RedisFaults, AnEmptiedServerIsNoticed) {
  RedisServer server;
  Node node(settingsFor(server));
  ASSERT_TRUE(created(node, "t1"));
  const auto leased = node->lease(leaseRequest(), {});
  const std::uint64_t from = node->changes(0, {}, {})->gap.value();

  server.cli({"FLUSHALL"});

  const std::vector<Renewal> renewals{{leased->at(0).lease(), false, ""}};
  EXPECT_EQ(node->renew(renewals, 1min, {})->at(0).outcome, QueueOutcome::not_found);
  ASSERT_TRUE(node->durability({}));
  EXPECT_TRUE(node.logs("queue_store_replaced"));
  ASSERT_TRUE(created(node, "t2"));
  EXPECT_TRUE(eventually([&] { return node->changes(from, 10ms, {})->gap.has_value(); }));
}

TEST(RedisFaults, AFullServerRefusesWritesAndLosesNothing) {
  RedisServer server;
  Node node(settingsFor(server));
  ASSERT_TRUE(created(node, "t1"));

  server.cli({"CONFIG", "SET", "maxmemory", "1"});
  const auto refused = node->submit(submission("t2"), {});

  ASSERT_FALSE(refused);
  expectTransient(refused.error(), "maxmemory");
  EXPECT_EQ(node->get("t1", {})->value().state, TaskState::queued);
  server.cli({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_FALSE(node->get("t2", {})->has_value());
  EXPECT_EQ(node->counts({})->pools.at(0).queued, 1u);
  EXPECT_TRUE(created(node, "t2"));
}

TEST(RedisFaults, AReplicaIsRefusedWithTheRemedy) {
  RedisServer server;
  Node node(settingsFor(server));
  server.cli({"REPLICAOF", "127.0.0.1", "1"});
  const auto refused = node->submit(submission("t1"), {});
  ASSERT_FALSE(refused);
  expectTransient(refused.error(), "name the master");
}

TEST(RedisFaults, AServerThatTakesNoWritesStillAnswersAndLosesNothing) {
  RedisServer server;
  Node node(settingsFor(server));
  ASSERT_TRUE(created(node, "t1"));
  server.cli({"CONFIG", "SET", "min-replicas-to-write", "1"});
  const auto refused = node->submit(submission("t2"), {});
  ASSERT_FALSE(refused);
  expectTransient(refused.error(), "min-replicas-to-write");
  EXPECT_FALSE(node->lease(leaseRequest(), {}).has_value());
  EXPECT_EQ(node->get("t1", {})->value().state, TaskState::queued);
  server.cli({"CONFIG", "SET", "min-replicas-to-write", "0"});
  EXPECT_FALSE(node->get("t2", {})->has_value());
  EXPECT_EQ(node->lease(leaseRequest(), {})->size(), 1u);
}

TEST(RedisFaults, ASlowServerIsWaitedFor) {
  RedisServer server;
  Node node(settingsFor(server));
  ASSERT_TRUE(created(node, "t1"));
  server.cli({"CLIENT", "PAUSE", "500", "ALL"});
  EXPECT_TRUE(created(node, "t2"));
  EXPECT_EQ(node->lease(leaseRequest(2), {})->size(), 2u);
}

TEST(RedisFaults, AServerThatStoodStillTakesNoLeaseFromAHolderThatHadNoTimeToRenew) {
  RedisServer server;
  Node node(settingsFor(server));
  ASSERT_TRUE(created(node, "t1"));
  const auto held = node->lease(leaseRequest(1, 300ms), {});
  ASSERT_EQ(held->size(), 1u);

  server.cli({"CLIENT", "PAUSE", "1000", "ALL"});
  const auto asked_meanwhile = node->lease(leaseRequest(1, 300ms), {});

  ASSERT_TRUE(asked_meanwhile) << asked_meanwhile.error().message;
  EXPECT_TRUE(asked_meanwhile->empty());
  EXPECT_EQ(node->lease(leaseRequest(1, 300ms), {})->size(), 1u) << "asked afterwards";
}

TEST(RedisFaults, AServerThatStoodStillGrantsNothingToOneWhoGaveUp) {
  RedisServer server;
  Node node(settingsFor(server));
  ASSERT_TRUE(node->lease(leaseRequest(), {})->empty()) << "teaches the server's clock";
  ASSERT_TRUE(created(node, "t1"));

  server.signal(SIGSTOP);
  EXPECT_FALSE(node->lease(leaseRequest(), {.timeout = 300ms}).has_value());
  server.signal(SIGCONT);

  const auto granted = node->lease(leaseRequest(), {});
  ASSERT_EQ(granted->size(), 1u);
  EXPECT_EQ(granted->at(0).epoch, 1u) << "the first grant";
}

TEST(RedisFaults, OfManyCallsThatShareAScriptTheDamagedOneFailsAlone) {
  constexpr std::size_t tasks = 60;
  RedisServer server;
  Node node(settingsFor(server));
  for (std::size_t i = 0; i < tasks; ++i) ASSERT_TRUE(created(node, "t" + std::to_string(i)));
  const auto leased = node->lease(leaseRequest(tasks), {});
  ASSERT_EQ(leased->size(), tasks);
  const std::string damaged = leased->at(tasks / 2).id;
  server.cli({"SET", "{scanhost}:task:" + damaged, "foreign"});

  std::mutex mutex;
  std::set<std::string> refused;
  std::vector<std::thread> threads;
  for (const QueuedTask& task : *leased)
    threads.emplace_back([&] {
      const auto outcome = node->finish(task.lease(), {}, {});
      const std::lock_guard lock(mutex);
      if (!outcome || *outcome != QueueOutcome::done) refused.insert(task.id);
    });
  for (std::thread& thread : threads) thread.join();

  EXPECT_THAT(refused, testing::ElementsAre(damaged));
  EXPECT_EQ(std::stoul(server.cli({"ZCARD", "{scanhost}:ended:completed"})), tasks - 1);
}

TEST(RedisFaults, ManySubmissionsAtOnceEachGetTheirOwnAnswer) {
  constexpr int tasks = 60;
  RedisServer server;
  Node node(settingsFor(server));
  std::mutex mutex;
  std::set<std::uint64_t> positions;
  int taken = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < tasks; ++i)
    threads.emplace_back([&, i] {
      Submission made = submission("t" + std::to_string(i / 2));  // each id twice
      made.created_us = 1'000 + i / 2;
      const auto answer = node->submit(made, {});
      const std::lock_guard lock(mutex);
      if (answer->outcome == QueueOutcome::id_taken) ++taken;
      if (answer->outcome == QueueOutcome::created) positions.insert(answer->task->position);
    });
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(taken, tasks / 2);
  EXPECT_LE(*positions.rbegin(), static_cast<std::uint64_t>(tasks / 2));
  EXPECT_EQ(node->counts({})->pools.at(0).queued, static_cast<std::uint64_t>(tasks / 2));
}

TEST(RedisFaults, AForeignKeyUnderThePrefixIsToldAndNotOverwritten) {
  RedisServer server;
  Node node(settingsFor(server));
  server.cli({"SET", "{scanhost}:all", "foreign"});
  const auto refused = node->submit(submission("t1"), {});
  ASSERT_FALSE(refused);
  expectTransient(refused.error(), "foreign key");
  EXPECT_THAT(server.cli({"GET", "{scanhost}:all"}), HasSubstr("foreign"));
}

TEST(RedisFaults, AServerThatStandsStillIsNotWaitedForLongerThanItsTimeout) {
  RedisServer server;
  Node node(settingsFor(server, Json::object({{"timeout", "300ms"}})));
  ASSERT_TRUE(created(node, "t1"));

  server.signal(SIGSTOP);
  const auto before = std::chrono::steady_clock::now();
  const auto refused = node->submit(submission("t2"), {});
  EXPECT_LT(std::chrono::steady_clock::now() - before, 3s);
  ASSERT_FALSE(refused);
  expectTransient(refused.error(), "does not answer in time");
  const auto cancelled = node->get("t1", {.timeout = 10ms});
  EXPECT_FALSE(cancelled);
  server.signal(SIGCONT);

  EXPECT_TRUE(eventually([&] { return node->get("t1", {}).has_value(); }));
}

TEST(RedisFaults, ALeaseIsLostToNobodyWhileTwoNodesRaceForThem) {
  constexpr int count = 200;
  RedisServer server;
  Node one(settingsFor(server)), other(settingsFor(server));
  for (int i = 0; i < count; ++i) ASSERT_TRUE(created(one, "t" + std::to_string(i)));
  std::mutex mutex;
  std::multiset<std::string> granted;
  std::atomic<int> completed{0};
  std::vector<std::thread> workers;
  for (int i = 0; i < 4; ++i)
    workers.emplace_back([&, i] {
      Node& node = i % 2 ? one : other;
      for (;;) {
        const auto tasks = node->lease(leaseRequest(3), {});
        if (!tasks || tasks->empty()) return;
        for (const QueuedTask& task : *tasks) {
          const auto outcome = node->finish(task.lease(), {}, {});
          completed += outcome && *outcome == QueueOutcome::done;
          const std::lock_guard lock(mutex);
          granted.insert(task.id);
        }
      }
    });
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(granted.size(), static_cast<std::size_t>(count));
  EXPECT_EQ(std::set<std::string>(granted.begin(), granted.end()).size(),
            static_cast<std::size_t>(count));
  EXPECT_EQ(completed, count);
}

TEST(RedisFaults, WhatManyCallersWereToldIsThereAfterAKillInTheirMidst) {
  RedisServer server({"--appendfsync", "always"});
  Node node(settingsFor(server));
  std::mutex mutex;
  std::vector<std::string> accepted;
  std::atomic<bool> ended{false};
  std::vector<std::thread> callers;
  for (int i = 0; i < 16; ++i)
    callers.emplace_back([&, i] {
      for (int n = 0; !ended && n < 10'000; ++n) {
        const std::string id = "t" + std::to_string(i) + "-" + std::to_string(n);
        const auto answer = node->submit(submission(id), {});
        if (!answer) {
          expectTransient(answer.error(), "127.0.0.1");
          return;
        }
        const std::lock_guard lock(mutex);
        accepted.push_back(id);
      }
    });
  EXPECT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return accepted.size() > 100;
  }));
  server.end(SIGKILL);
  ended = true;
  for (std::thread& caller : callers) caller.join();
  server.restart();

  ASSERT_TRUE(eventually([&] { return node->get("t0-0", {}).has_value(); }));
  for (const std::string& id : accepted) EXPECT_TRUE(node->get(id, {})->has_value()) << id;
}

TEST(RedisFaults, OneNodeSeesWhatHappensOnAnother) {
  RedisServer server;
  Node one(settingsFor(server)), other(settingsFor(server));
  const std::uint64_t from = other->changes(0, {}, {})->gap.value();
  std::optional<QueueChanges> seen;
  std::thread waiter([&] {
    if (auto found = other->changes(from, 20s, {})) seen = *found;
  });
  std::this_thread::sleep_for(50ms);
  ASSERT_TRUE(created(one, "t1"));
  waiter.join();
  ASSERT_TRUE(seen.has_value());
  ASSERT_EQ(seen->changes.size(), 1u);
  EXPECT_EQ(seen->changes[0].id, "t1");
}

TEST(RedisFaults, AFailoverIsFollowedThroughSentinel) {
  RedisServer master, replica({"--replicaof", "127.0.0.1", std::to_string(master.port())});
  ASSERT_TRUE(eventually([&] {
    return replica.cli({"INFO", "replication"}).find("master_link_status:up") != std::string::npos;
  }));
  testing_support::RedisSentinel sentinel("scans", master.port());
  Node node(Json::object({{"url", "redis://"},
                          {"sentinels", Json::array({sentinel.address()})},
                          {"master_name", "scans"},
                          {"wait_replicas", 1},
                          {"timeout", "2s"}}));
  ASSERT_TRUE(node.started()) << node.started().error().message;
  ASSERT_TRUE(created(node, "t1"));
  const auto leased = node->lease(leaseRequest(), {});
  ASSERT_EQ(leased->size(), 1u);
  ASSERT_TRUE(eventually([&] {
    return sentinel.cli({"SENTINEL", "replicas", "scans"}).find(std::to_string(replica.port())) !=
           std::string::npos;
  }));

  master.end(SIGKILL);

  const std::vector<Renewal> renewals{{leased->at(0).lease(), false, ""}};
  Result<std::vector<RenewalOutcome>> renewed;
  ASSERT_TRUE(
      eventually([&] { return (renewed = node->renew(renewals, 1min, {})).has_value(); }, 60s));
  EXPECT_EQ(renewed->at(0).outcome, QueueOutcome::done);
  const auto alone = node->submit(submission("t2"), {});
  ASSERT_FALSE(alone);
  expectTransient(alone.error(), "0 of 1 replicas");
}

TEST(RedisFaults, ALeaseIsGrantedThoughNoReplicaHasIt) {
  RedisServer server;
  Node node(settingsFor(server, Json::object({{"wait_replicas", 1}, {"timeout", "200ms"}})));
  EXPECT_FALSE(node->submit(submission("t1"), {}));

  const auto leased = node->lease(leaseRequest(), {});

  ASSERT_TRUE(leased) << leased.error().message;
  EXPECT_EQ(leased->size(), 1u);
}

TEST(RedisFaults, AWriteWhoseServerIsDemotedWhileItWaitsIsInDoubtAndNotRepeated) {
  RedisServer master, other;
  Node node(settingsFor(master, Json::object({{"wait_replicas", 1}, {"timeout", "2s"}})));
  EXPECT_FALSE(node->submit(submission("t0"), {}));  // from here on the server knows the script
  std::thread demotion([&] {
    EXPECT_TRUE(eventually([&] {
      return master.cli({"CLIENT", "LIST"}).find("cmd=wait") != std::string::npos;
    }));
    master.cli({"REPLICAOF", "127.0.0.1", std::to_string(other.port())});
  });

  const auto answer = node->submit(submission("t1"), {});
  demotion.join();

  ASSERT_FALSE(answer);
  expectTransient(answer.error(), "is not known");
}

}  // namespace
}  // namespace scanhost::queue_redis
