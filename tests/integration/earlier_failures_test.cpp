// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the earlier service got wrong and no other test shows: docs/reference/earlier-failures.md
/// lists every one with its tests.
#include <gmock/gmock.h>
#include <signal.h>

#include <chrono>
#include <thread>

#include "tests/integration/service.h"
#include "tests/support/redis_server.h"

namespace scanhost::integration {
namespace {

using testing_support::NessusSimulator;
using testing_support::RedisServer;
using namespace std::chrono_literals;

client::ScanOptions underKey(const std::string& key) {
  client::ScanOptions options;
  options.idempotency_key = key;
  options.scanner_pool = "nessus";
  return options;
}

TEST(EarlierFailures, ARetryUnderItsKeyIsNoConflictWhenAPoolHasTwoScanners) {
  NessusSimulator one(built("bin/nessus-simulator"), {"--scan-seconds", "0.2"});
  NessusSimulator two(built("bin/nessus-simulator"), {"--scan-seconds", "0.2"});
  Service service({.scanners = nessusScanner(one, "one") + nessusScanner(two, "two")});
  client::Client client = service.client();
  const auto first = client.submit_scan("10.0.0.1", "LAN", underKey("monday"));

  for (int i = 0; i < 10; ++i)  // queued, running and completed
    EXPECT_EQ(client.submit_scan("10.0.0.1", "LAN", underKey("monday")).task_id, first.task_id);

  EXPECT_EQ(waitForEnd(client, first.task_id).status, "completed");
  EXPECT_EQ(client.submit_scan("10.0.0.1", "LAN", underKey("monday")).task_id, first.task_id);
  EXPECT_EQ(one.count("scan_launched") + two.count("scan_launched"), 1);
}

TEST(EarlierFailures, AQueueOutOfReachMakesNoHalfTaskAndARetryExactlyOne) {
  RedisServer redis({"--appendfsync", "always"});
  NessusSimulator nessus(built("bin/nessus-simulator"), {"--scan-seconds", "0.2"});
  Service service({.scanners = nessusScanner(nessus),
                   .extra = "queue: {plugin: queue-redis, config: {url: \"" + redis.url() +
                            "\"}}\nresults: {allow_local: true}\n"});
  client::Client client = service.client();
  redis.end(SIGKILL);

  try {
    client.submit_scan("10.0.0.1", "LAN", underKey("monday"));
    FAIL() << "it was accepted by a queue that is not there";
  } catch (const client::ServiceError& refused) {
    EXPECT_EQ(refused.code(), "unavailable");
    EXPECT_TRUE(refused.retry_after_s());
  }
  redis.restart();
  std::string task;
  for (int i = 0; i < 200 && task.empty(); ++i) try {
      task = client.submit_scan("10.0.0.1", "LAN", underKey("monday")).task_id;
    } catch (const client::ServiceError&) {
      std::this_thread::sleep_for(100ms);
    }

  EXPECT_EQ(client.submit_scan("10.0.0.1", "LAN", underKey("monday")).task_id, task);
  EXPECT_EQ(client.list_tasks()["total"].asInteger(), 1);
  EXPECT_EQ(waitForEnd(client, task).status, "completed");
  EXPECT_EQ(nessus.count("scan_launched"), 1);
}

TEST(EarlierFailures, AScanThatEndsDisturbsNoOtherOnItsScanner) {
  NessusSimulator nessus(built("bin/nessus-simulator"), {"--scan-seconds", "2"});
  Service service({.scanners = nessusScanner(nessus)});
  client::Client client = service.client();
  const std::string first = client.submit_scan("10.0.0.1", "first", underKey("1")).task_id;
  std::this_thread::sleep_for(1s);
  const std::string second = client.submit_scan("10.0.0.2", "second", underKey("2")).task_id;

  EXPECT_EQ(waitForEnd(client, first).status, "completed");
  EXPECT_EQ(client.get_status(second).status, "running");
  EXPECT_EQ(waitForEnd(client, second).status, "completed");
  EXPECT_EQ(client.get_status(second).json["attempt"].asInteger(), 1);
  EXPECT_EQ(nessus.count("scan_launched"), 2);
}

TEST(EarlierFailures, WhileAHugeReportIsReadStatusAndProbesAnswer) {
  NessusSimulator nessus(built("bin/nessus-simulator"), {"--scan-seconds", "0.2"});
  Service service({.scanners = nessusScanner(nessus)});
  client::Client client = service.client();
  const std::string task = client.submit_scan("10.0.0.1", "[huge:100]", underKey("1")).task_id;
  while (nessus.count("export_downloaded") == 0) std::this_thread::sleep_for(5ms);
  int answered = 0;

  while (client.get_status(task).status == "running") {
    EXPECT_EQ(service.get("/livez"), "ok");
    ++answered;
  }

  EXPECT_EQ(client.get_status(task).status, "completed");
  EXPECT_GT(answered, 10);
}

}  // namespace
}  // namespace scanhost::integration
