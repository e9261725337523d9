// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Several nodes on one Redis, and one node on its embedded queue: a scan outlives the worker that
/// launched it, and is launched once.
#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>

#include "tests/integration/service.h"
#include "tests/support/redis_server.h"

namespace scanhost::integration {
namespace {

using testing::IsSupersetOf;
using testing::SizeIs;
using testing_support::NessusSimulator;
using testing_support::RedisServer;
using namespace std::chrono_literals;

void waitForLaunch(const NessusSimulator& nessus) {
  for (int i = 0; i < 400 && nessus.count("scan_launched") == 0; ++i)
    std::this_thread::sleep_for(25ms);
  ASSERT_EQ(nessus.count("scan_launched"), 1);
}

/// Ends every run at once.
void finishAll(const NessusSimulator& nessus) {
  const Json state = nessus.call("GET", "/simulator/scans");
  for (const Json& scan : state["scans"].items())
    nessus.call("POST", "/simulator/scans/" + std::to_string(scan["id"].asInteger()) + "/finish");
}

/// Names of the node's events under that trace; those of the task may have no other.
std::set<std::string> eventsOf(const Service& node, const std::string& task,
                               const std::string& trace) {
  std::set<std::string> names;
  std::istringstream lines(node.allEvents());
  for (std::string line; std::getline(lines, line);) {
    const auto event = Json::tryParse(line);
    if (!event) continue;
    const bool traced = (*event)["trace_id"].asString() == trace;
    if (traced) names.insert((*event)["event"].asString());
    EXPECT_TRUE(traced || (*event)["task_id"].asString() != task) << line;
  }
  return names;
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

TEST_F(Nodes, AWorkerWithAnotherKeyFileLeavesALoginToOneThatHasItsKey) {
  Service front(node("api"));
  ServiceOptions other = node("worker");
  other.node = ", roles: [worker], key_file: " + (shared.path() / "other.json").string();
  Service without(other);
  client::Client client = front.client();
  client::ScanLogin login;
  login.ssh_username = "scanner";
  login.ssh_password = "secret";
  const std::string task =
      client.submit_authenticated_scan("10.0.0.1", "LAN", "authenticated", login).task_id;
  for (int i = 0; i < 200 && without.events("login_key_missing").empty(); ++i)
    std::this_thread::sleep_for(50ms);
  ASSERT_FALSE(without.events("login_key_missing").empty());

  Service with(node("worker"));

  const auto status = waitForEnd(client, task);
  EXPECT_EQ(status.status, "completed") << status.json.dump();
  ASSERT_THAT(with.events("task_dequeued"), SizeIs(1));
  EXPECT_EQ(with.events("task_dequeued")[0]["attempt"].asInteger(), 1);
  EXPECT_THAT(without.events("scan_failed"), SizeIs(0));
}

TEST_F(Nodes, OneTraceIdLinksTheNodeThatWasAskedTheOneThatScansAndTheResult) {
  Service front(node("api"));
  Service worker(node("worker"));
  client::Client client = front.client();
  const auto submitted = client.submit_scan("10.0.0.1", "LAN");
  ASSERT_EQ(waitForEnd(client, submitted.task_id).status, "completed");

  EXPECT_THAT(eventsOf(front, submitted.task_id, submitted.trace_id),
              IsSupersetOf({"tool_invocation", "tool_completed", "task_created", "scan_enqueued"}));
  std::set<std::string> names;
  for (int i = 0; i < 100 && names.count("scan_completed") == 0; ++i) {
    names = eventsOf(worker, submitted.task_id, submitted.trace_id);
    std::this_thread::sleep_for(50ms);
  }
  EXPECT_THAT(names, IsSupersetOf({"task_dequeued", "launch_intent_recorded", "scan_launched",
                                   "scan_state_transition", "export_started", "export_completed",
                                   "results_parsed", "validation_passed", "scan_completed"}));
}

TEST_F(Nodes, AHundredSubmissionsAtOnceUnderOneKeyAreOneTaskOnTwoNodes) {
  Service one(node("api, worker")), two(node("api, worker"));
  client::ScanOptions options;
  options.idempotency_key = "monday";
  std::mutex mutex;
  std::vector<std::string> told;

  std::vector<std::thread> callers;
  for (int i = 0; i < 100; ++i)
    callers.emplace_back([&, i] {
      try {
        client::Client own = (i % 2 ? one : two).client();
        const std::string task = own.submit_scan("10.0.0.1", "LAN", options).task_id;
        const std::lock_guard lock(mutex);
        told.push_back(task);
      } catch (const std::exception& error) {
        ADD_FAILURE() << error.what();
      }
    });
  for (std::thread& caller : callers) caller.join();

  EXPECT_THAT(told, SizeIs(100));
  EXPECT_THAT(std::set<std::string>(told.begin(), told.end()), SizeIs(1));
  client::Client client = one.client();
  EXPECT_EQ(client.list_tasks()["total"].asInteger(), 1);
  EXPECT_EQ(waitForEnd(client, told.front()).status, "completed");
  EXPECT_EQ(nessus.count("scan_launched"), 1);
}

TEST_F(Nodes, NoScannerExceedsItsLimitUnderManyAndTheLoadTheyTellIsTrue) {
  const NessusSimulator small(built("bin/nessus-simulator"), {"--scan-seconds", "60"});
  const NessusSimulator large(built("bin/nessus-simulator"), {"--scan-seconds", "60"});
  ServiceOptions options = node("api, worker");
  options.scanners = nessusScanner(small, "small", 1) + nessusScanner(large, "large", 2);
  const Service one(options), two(options), three(options);
  client::Client client = one.client();
  std::vector<std::string> tasks;
  for (int i = 0; i < 9; ++i)
    tasks.push_back(client.submit_scan("10.0.0.1", "LAN " + std::to_string(i)).task_id);

  for (int i = 0; i < 400 && (small.running() < 1 || large.running() < 2); ++i)
    std::this_thread::sleep_for(25ms);
  std::this_thread::sleep_for(1s);
  EXPECT_EQ(small.running(), 1);
  EXPECT_EQ(large.running(), 2);
  const Json scanners = client.list_scanners();
  for (const Json& scanner : scanners["scanners"].items()) {
    const int running = scanner["instance_id"].asString() == "small" ? 1 : 2;
    EXPECT_EQ(scanner["active_scans"].asInteger(), running) << scanner.dump();
    EXPECT_EQ(scanner["available_capacity"].asInteger(), 0) << scanner.dump();
  }
  EXPECT_EQ(client.get_pool_status()["total_active"].asInteger(), 3);
  EXPECT_EQ(client.get_pool_status()["queue_depth"].asInteger(), 6);
  double led = 0;
  for (const Service* each : {&one, &two, &three}) {
    led += each->metric("nessus_active_scans").value_or(0);
    EXPECT_EQ(
        each->metric(R"(scanhost_scanner_active_scans{pool="nessus",scanner_instance="large"})"),
        2);
  }
  EXPECT_EQ(led, 3);

  const auto ended = [&](const std::string& task) { return client.get_status(task).terminal(); };
  int most_on_small = 0, most_on_large = 0;
  for (int i = 0; i < 200 && !std::all_of(tasks.begin(), tasks.end(), ended); ++i) {
    most_on_small = std::max(most_on_small, small.running());
    most_on_large = std::max(most_on_large, large.running());
    finishAll(small);
    finishAll(large);
    std::this_thread::sleep_for(50ms);
  }
  EXPECT_EQ(most_on_small, 1);
  EXPECT_EQ(most_on_large, 2);
  for (const std::string& task : tasks) EXPECT_EQ(client.get_status(task).status, "completed");
  EXPECT_EQ(small.count("scan_launched") + large.count("scan_launched"), 9);
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
