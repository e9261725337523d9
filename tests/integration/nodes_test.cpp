// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Several nodes on one Redis, and one node on its embedded queue: a scan outlives the worker that
/// launched it, and is launched once.
#include <gmock/gmock.h>
#include <signal.h>

#include <thread>

#include "tests/integration/service.h"
#include "tests/support/redis_server.h"

namespace scanhost::integration {
namespace {

using testing::SizeIs;
using testing_support::NessusSimulator;
using testing_support::RedisServer;
using namespace std::chrono_literals;

void waitForLaunch(const NessusSimulator& nessus) {
  for (int i = 0; i < 400 && nessus.count("scan_launched") == 0; ++i)
    std::this_thread::sleep_for(25ms);
  ASSERT_EQ(nessus.count("scan_launched"), 1);
}

class Nodes : public testing::Test {
 protected:
  RedisServer redis{{"--appendfsync", "always", "--maxmemory-policy", "noeviction"}};
  NessusSimulator nessus{built("bin/nessus-simulator"), {"--scan-seconds", "3", "--seed", "7"}};
  Folder shared;

  ServiceOptions node(const std::string& roles, const std::string& lease = "2s") const {
    return {
        .scanners = nessusScanner(nessus),
        .extra = "queue: {plugin: queue-redis, config: {url: \"" + redis.url() +
                 "\"}}\nresults: {allow_local: true}\ntasks: {poll_interval: 100ms, lease: " +
                 lease + "}\n",
        .node = ", roles: [" + roles + "], key_file: " + (shared.path() / "keys.json").string()};
  }
};

TEST_F(Nodes, AScanAskedForOnOneNodeRunsOnAnother) {
  Service front(node("api"));
  Service worker(node("worker"));
  client::Client client = front.client();
  const std::string task = client.submit_scan("10.0.0.1", "LAN").task_id;
  const auto status = waitForEnd(client, task);
  EXPECT_EQ(status.status, "completed") << status.json.dump();
  EXPECT_THAT(worker.events("scan_launched"), SizeIs(1));
  EXPECT_THAT(front.events("scan_launched"), SizeIs(0));
  EXPECT_THAT(front.get("/health"), testing::HasSubstr("\"redis_healthy\":true"));
}

TEST_F(Nodes, AWorkerThatVanishesIsFollowedByAnotherWithoutASecondLaunch) {
  Service front(node("api"));
  client::Client client = front.client();
  std::string task;
  {
    Service lost(node("worker"));
    task = client.submit_scan("10.0.0.1", "LAN").task_id;
    waitForLaunch(nessus);
    kill(lost.pid(), SIGKILL);
  }
  Service heir(node("worker"));
  const auto status = waitForEnd(client, task);
  EXPECT_EQ(status.status, "completed") << status.json.dump();
  EXPECT_EQ(nessus.count("scan_launched"), 1);
  EXPECT_EQ(status.json["attempt"].asInteger(), 1);
  EXPECT_THAT(heir.events("task_taken_over"), SizeIs(1));
}

TEST_F(Nodes, ANodeThatIsKilledAndStartedAgainGoesOnWithItsScan) {
  Service service{{.scanners = nessusScanner(nessus),
                   .extra = "tasks: {poll_interval: 100ms, lease: 2s}\n",
                   .node = ""}};
  std::string task;
  {
    client::Client client = service.client();
    task = client.submit_scan("10.0.0.1", "LAN").task_id;
  }
  waitForLaunch(nessus);
  service.killAndRestart();
  client::Client client = service.client();
  const auto status = waitForEnd(client, task);
  EXPECT_EQ(status.status, "completed") << status.json.dump();
  EXPECT_EQ(nessus.count("scan_launched"), 1);
  EXPECT_GT(client.get_results(task).findings.size(), 0u);
}

TEST_F(Nodes, AStopHandsTheScanBackWithoutSpendingAnAttempt) {
  Service front(node("api"));
  client::Client client = front.client();
  std::string task;
  {
    Service leaving(node("worker"));
    task = client.submit_scan("10.0.0.1", "LAN").task_id;
    waitForLaunch(nessus);
    EXPECT_EQ(leaving.stop(), 0);
  }
  Service heir(node("worker"));
  const auto status = waitForEnd(client, task);
  EXPECT_EQ(status.status, "completed") << status.json.dump();
  EXPECT_EQ(status.json["attempt"].asInteger(), 1);
  EXPECT_EQ(nessus.count("scan_launched"), 1);
}

TEST_F(Nodes, ACancelAskedForOnOneNodeReachesTheWorkerLongBeforeItRenews) {
  Service front(node("api", "10m"));
  Service worker(node("worker", "10m"));
  client::Client client = front.client();
  const std::string task = client.submit_scan("10.0.0.1", "LAN").task_id;
  waitForLaunch(nessus);

  client.cancel(task);

  EXPECT_EQ(waitForEnd(client, task).status, "cancelled");
}

TEST_F(Nodes, ANodeThatUsesNoScannerShowsWhatTheWorkersSay) {
  Service front(node("api"));
  ServiceOptions refused = node("worker");
  const std::size_t at = refused.scanners.find(nessus.secret_key);
  refused.scanners.replace(at, std::string(nessus.secret_key).size(), std::string(64, 'f'));
  Service worker(refused);
  client::Client client = front.client();

  std::string state;
  for (int i = 0; i < 200 && state != "suspended"; ++i) {
    state = client.list_scanners()["scanners"].items().at(0)["state"].asString();
    std::this_thread::sleep_for(50ms);
  }

  EXPECT_EQ(state, "suspended");
}

}  // namespace
}  // namespace scanhost::integration
