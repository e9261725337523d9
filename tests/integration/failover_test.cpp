// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A primary that goes on accepting after its replica lost it, and is then lost itself: Redis
/// forgets what it acknowledged, and `queue.durability: strict` does not.
#include <gmock/gmock.h>
#include <signal.h>

#include <chrono>
#include <functional>
#include <thread>

#include "tests/integration/service.h"
#include "tests/support/redis_server.h"

namespace scanhost::integration {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using testing_support::NessusSimulator;
using testing_support::RedisSentinel;
using testing_support::RedisServer;
using namespace std::chrono_literals;

bool eventually(const std::function<bool()>& holds, std::chrono::seconds limit = 60s) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(50ms);
  }
  return true;
}

class Failover : public testing::Test {
 protected:
  static std::vector<std::string> durable(std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--appendfsync", "always", "--maxmemory-policy", "noeviction"});
    return more;
  }

  Failover() {
    EXPECT_TRUE(eventually([&] { return linked(); }));
    EXPECT_TRUE(eventually([&] {
      return sentinel.cli({"SENTINEL", "replicas", "scans"}).find(std::to_string(replica.port())) !=
             std::string::npos;
    }));
  }

  ServiceOptions node(const std::string& roles, const std::string& durability) const {
    return {
        .scanners = nessusScanner(nessus),
        .extra = "queue: {plugin: queue-redis, durability: " + durability +
                 ", config: {url: \"redis://\", sentinels: [\"" + sentinel.address() +
                 "\"], master_name: scans, timeout: 2s}}\nresults: {allow_local: true}\n"
                 "tasks: {poll_interval: 100ms, lease: 2s}\n",
        .node = ", roles: [" + roles + "], key_file: " + (shared.path() / "keys.json").string()};
  }
  bool linked() const {
    return replica.cli({"INFO", "replication"}).find("master_link_status:up") != std::string::npos;
  }
  /// From here on the primary acknowledges what nobody else has.
  void cutReplication() {
    primary.cli({"ACL", "SETUSER", "default", "-psync", "-sync"});
    primary.cli({"CLIENT", "KILL", "TYPE", "replica"});
    ASSERT_TRUE(eventually([&] { return !linked(); }));
  }
  void losePrimary() {
    primary.end(SIGKILL);
    ASSERT_TRUE(eventually([&] {
      const std::string told = sentinel.cli({"SENTINEL", "get-master-addr-by-name", "scans"});
      return told.find(std::to_string(replica.port())) != std::string::npos &&
             replica.cli({"ROLE"}).find("master") != std::string::npos;
    }));
  }
  static std::vector<std::string> submit(const Service& front, int count) {
    client::Client client = front.client();
    std::vector<std::string> tasks;
    for (int i = 0; i < count; ++i)
      tasks.push_back(client.submit_scan("10.0.0.1", "scan " + std::to_string(i)).task_id);
    return tasks;
  }
  int known(const std::vector<std::string>& tasks) const {
    int found = 0;
    for (const std::string& task : tasks)
      found += replica.cli({"EXISTS", "{scanhost}:task:" + task}).find('1') != std::string::npos;
    return found;
  }

  NessusSimulator nessus{built("bin/nessus-simulator"), {"--scan-seconds", "1", "--seed", "7"}};
  Folder shared;
  RedisServer primary{durable()};
  RedisServer replica{durable({"--replicaof", "127.0.0.1", std::to_string(primary.port())})};
  RedisSentinel sentinel{"scans", primary.port()};
};

TEST_F(Failover, WhatStrictAcceptedIsThereAndRunsOnce) {
  Service front(node("api", "strict"));
  auto tasks = submit(front, 3);
  cutReplication();
  for (const std::string& task : submit(front, 10)) tasks.push_back(task);
  losePrimary();
  EXPECT_EQ(known(tasks), 3);

  EXPECT_TRUE(eventually([&] { return known(tasks) == 13; })) << known(tasks);
  EXPECT_THAT(front.events("task_resubmitted"), SizeIs(10));
  Service worker(node("worker", "strict"));
  client::Client client = front.client();
  for (const std::string& task : tasks) EXPECT_EQ(waitForEnd(client, task).status, "completed");
  EXPECT_EQ(nessus.count("scan_launched"), 13);
}

TEST_F(Failover, WhatStrictAcceptedSurvivesTheNodeThatIsKilledMeanwhile) {
  Service front(node("api", "strict"));
  cutReplication();
  const auto tasks = submit(front, 5);
  kill(front.pid(), SIGKILL);
  losePrimary();
  front.killAndRestart();
  EXPECT_TRUE(eventually([&] { return known(tasks) == 5; })) << known(tasks);
}

TEST_F(Failover, AScanThatRanMeanwhileIsAdopted) {
  Service front(node("api", "strict"));
  cutReplication();
  std::vector<std::string> tasks;
  {
    Service lost(node("worker", "strict"));
    tasks = submit(front, 1);
    ASSERT_TRUE(eventually([&] { return nessus.count("scan_launched") == 1; }));
    kill(lost.pid(), SIGKILL);
  }
  losePrimary();
  ASSERT_TRUE(eventually([&] { return known(tasks) == 1; }));
  Service heir(node("worker", "strict"));
  client::Client client = front.client();
  EXPECT_EQ(waitForEnd(client, tasks[0]).status, "completed");
  EXPECT_EQ(nessus.count("scan_launched"), 1);
  EXPECT_THAT(heir.events("scan_adopted"), SizeIs(1));
}

/// The control: without the journal the same failover loses tasks.
TEST_F(Failover, WithoutStrictWhatTheLostPrimaryAcknowledgedIsGone) {
  Service front(node("api", "warn"));
  cutReplication();
  const auto tasks = submit(front, 10);
  losePrimary();
  client::Client client = front.client();
  EXPECT_TRUE(
      eventually([&] { return front.get("/readyz").find("\"ready\":true") != std::string::npos; }));
  std::this_thread::sleep_for(15s);  // longer than a journal would need
  EXPECT_EQ(known(tasks), 0);
}

TEST_F(Failover, AQueueThatTurnsLaxIsNotGivenTasks) {
  Service front(node("api", "strict"));
  submit(front, 1);
  primary.cli({"CONFIG", "SET", "appendfsync", "no"});
  ASSERT_TRUE(eventually(
      [&] { return front.get("/readyz").find("unhealthy: durability") != std::string::npos; }));
  EXPECT_THAT(front.ctl({"submit", "10.0.0.1"}).out + front.ctl({"submit", "10.0.0.1"}).err,
              HasSubstr("queue.durability is strict"));
  primary.cli({"CONFIG", "SET", "appendfsync", "always"});
  EXPECT_TRUE(
      eventually([&] { return front.get("/readyz").find("\"ready\":true") != std::string::npos; }));
  submit(front, 1);
}

}  // namespace
}  // namespace scanhost::integration
