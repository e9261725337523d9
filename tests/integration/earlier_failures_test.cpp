// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the earlier service got wrong and no other test shows: docs/reference/earlier-failures.md
/// lists every one with its tests.
#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <thread>

#include "tests/integration/service.h"
#include "tests/support/redis_server.h"

namespace scanhost::integration {
namespace {

using Clock = std::chrono::steady_clock;
using testing::HasSubstr;
using testing_support::NessusSimulator;
using testing_support::RedisServer;
using namespace std::chrono_literals;

client::ScanOptions underKey(const std::string& key) {
  client::ScanOptions options;
  options.idempotency_key = key;
  options.scanner_pool = "nessus";
  return options;
}

/// Of the error that the call ends with; empty when it ends well.
std::string codeOf(const std::function<void()>& call) {
  try {
    call();
  } catch (const client::ServiceError& refused) {
    return refused.code();
  }
  return "";
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
                            "\"}}\nresults: {allow_local: true}\n",
                   .node = ", key_file: keys.json"});
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

TEST(EarlierFailures, ADamagedRecordIsAnErrorAndNoGapInTheList) {
  RedisServer redis;
  NessusSimulator nessus(built("bin/nessus-simulator"), {"--scan-seconds", "60"});
  Service service({.scanners = nessusScanner(nessus, "scanner1", 1),
                   .extra = "queue: {plugin: queue-redis, config: {url: \"" + redis.url() +
                            "\"}}\nresults: {allow_local: true}\ntasks: {poll_interval: 100ms}\n",
                   .node = ", key_file: keys.json"});
  client::Client client = service.client();
  const std::string runs = client.submit_scan("10.0.0.1", "runs").task_id;
  const std::string remote = remoteOf(client, runs);
  const std::string damaged = client.submit_scan("10.0.0.1", "damaged").task_id;
  const std::string whole = client.submit_scan("10.0.0.1", "whole").task_id;

  redis.cli({"HSET", "{scanhost}:task:" + damaged, "state", "banana"});
  nessus.call("POST", "/simulator/scans/" + remote + "/finish");
  nessus.call("POST", "/simulator/scans/" + remoteOf(client, whole) + "/finish");

  EXPECT_EQ(waitForEnd(client, runs).status, "completed");
  EXPECT_EQ(waitForEnd(client, whole).status, "completed") << "it holds up no other";
  EXPECT_EQ(codeOf([&] { client.get_status(damaged); }), "internal");
  EXPECT_EQ(codeOf([&] { client.list_tasks(); }), "internal") << "not a list without it";
  EXPECT_THAT(service.allEvents(), HasSubstr("queue_record_damaged"));
  EXPECT_THAT(service.allEvents(), HasSubstr("operation_failed")) << "what `internal` was";
  EXPECT_THAT(service.allEvents(), HasSubstr(damaged));
}

/// The reply to a create or launch is lost after (or before) it was done; a scan of the same name
/// is somebody else's.
void expectOneScanBesideAForeignOne(const std::string& fault) {
  NessusSimulator nessus(built("bin/nessus-simulator"), {"--scan-seconds", "0.2"});
  const std::string foreign = nessus.addForeignScan("LAN");
  nessus.misbehave(R"([{"method": "POST", "path": "/scans", "fault": ")" + fault +
                   R"("}, {"method": "POST", "path": "/scans/.*/launch", "fault": ")" + fault +
                   R"("}])");
  Service service({.scanners = nessusScanner(nessus)});
  client::Client client = service.client();

  const auto status = waitForEnd(client, client.submit_scan("10.0.0.1", "LAN").task_id);

  EXPECT_EQ(status.status, "completed") << status.json.dump();
  EXPECT_NE(status.json["remote_ref"].asString(), foreign);
  EXPECT_EQ(nessus.count("scan_created"), 2) << "the foreign one and its own";
  EXPECT_EQ(nessus.count("scan_launched"), 1);
  EXPECT_EQ(nessus.countRequests("POST", "/scans/" + foreign + "/launch"), 0);
  EXPECT_TRUE(nessus.hasScan(foreign));
}

TEST(EarlierFailures, ACreateAndALaunchWhoseRepliesWereLostAreFoundByMarkerAndNotByName) {
  expectOneScanBesideAForeignOne("drop_after");
}

TEST(EarlierFailures, ACreateAndALaunchThatNeverArrivedAdoptNoForeignScanOfThatName) {
  expectOneScanBesideAForeignOne("drop_before");
}

TEST(EarlierFailures, AScanThatEndsDisturbsNoOtherOnItsScanner) {
  NessusSimulator nessus(built("bin/nessus-simulator"), {"--scan-seconds", "60"});
  Service service({.scanners = nessusScanner(nessus)});
  client::Client client = service.client();
  const std::string first = client.submit_scan("10.0.0.1", "first", underKey("1")).task_id;
  const std::string second = client.submit_scan("10.0.0.2", "second", underKey("2")).task_id;
  const std::string first_remote = remoteOf(client, first),
                    second_remote = remoteOf(client, second);

  nessus.call("POST", "/simulator/scans/" + first_remote + "/finish");
  EXPECT_EQ(waitForEnd(client, first).status, "completed");
  std::this_thread::sleep_for(500ms);  // some polls more
  EXPECT_EQ(client.get_status(second).status, "running");
  EXPECT_EQ(nessus.running(), 1);
  nessus.call("POST", "/simulator/scans/" + second_remote + "/finish");

  const auto status = waitForEnd(client, second);
  EXPECT_EQ(status.status, "completed");
  EXPECT_EQ(status.json["attempt"].asInteger(), 1);
  EXPECT_EQ(status.json["remote_ref"].asString(), second_remote);
  EXPECT_EQ(nessus.count("scan_launched"), 2);
}

TEST(EarlierFailures, HostsWithAndWithoutALoginArePartialWhicheverComesFirst) {
  const auto host = [](const std::string& address, bool logged_in) {
    return "<ReportHost name=\"" + address + "\"><HostProperties><tag name=\"host-ip\">" + address +
           "</tag><tag name=\"Credentialed_Scan\">" + (logged_in ? "true" : "false") +
           "</tag></HostProperties>\n<ReportItem port=\"0\" svc_name=\"general\" "
           "protocol=\"tcp\" severity=\"0\" pluginID=\"1001\" pluginName=\"First\" "
           "pluginFamily=\"General\"><synopsis>s</synopsis></ReportItem>\n</ReportHost>\n";
  };
  const std::string head = "<?xml version=\"1.0\" ?>\n<NessusClientData_v2>\n<Report name=\"r\">\n";
  const std::string tail = "</Report>\n</NessusClientData_v2>\n";
  const Folder reports;
  reports.write("goodfirst.nessus", head + host("10.0.0.1", true) + host("10.0.0.2", false) + tail);
  reports.write("badfirst.nessus", head + host("10.0.0.1", false) + host("10.0.0.2", true) + tail);
  NessusSimulator nessus(built("bin/nessus-simulator"),
                         {"--scan-seconds", "0.2", "--reports", reports.path().string()});
  Service service({.scanners = nessusScanner(nessus)});
  client::Client client = service.client();
  client::ScanLogin login;
  login.ssh_username = "scanner";
  login.ssh_password = "letmein";

  for (const char* name : {"goodfirst", "badfirst"}) {
    const auto status = waitForEnd(
        client, client.submit_authenticated_scan("10.0.0.1,10.0.0.2", name, "authenticated", login)
                    .task_id);
    EXPECT_EQ(status.status, "completed") << status.json.dump();
    EXPECT_EQ(status.json["authentication_status"].asString(), "partial") << name;
    EXPECT_EQ(status.json["validation_warnings"].size(), 1u) << "something to notice";
    EXPECT_EQ(status.json["coverage"]["authentication"]["success"].asInteger(), 1) << name;
    EXPECT_EQ(status.json["coverage"]["authentication"]["failed"].asInteger(), 1) << name;
  }
}

TEST(EarlierFailures, WithoutItsScannerAScanWaitsAndHasNoInventedFindings) {
  std::string scanner;
  {
    const NessusSimulator gone(built("bin/nessus-simulator"));
    scanner = nessusScanner(gone);
    scanner.insert(scanner.find(", config:"), ", circuit: {failures: 1}");
  }
  Service service({.scanners = scanner});
  client::Client client = service.client();
  const std::string task = client.submit_scan("10.0.0.1", "LAN").task_id;
  std::this_thread::sleep_for(2s);

  const auto status = client.get_status(task);
  EXPECT_FALSE(status.terminal()) << status.json.dump();
  EXPECT_EQ(client.list_scanners()["scanners"].items().at(0)["state"].asString(), "unreachable");
  try {
    EXPECT_TRUE(client.get_results(task, partialResults()).findings.empty());
  } catch (const client::ServiceError& refused) {
    EXPECT_EQ(refused.code(), "results_not_found");
  }
}

TEST(EarlierFailures, WhileAHugeReportIsReadStatusAndProbesAnswerQuickly) {
  NessusSimulator nessus(built("bin/nessus-simulator"), {"--scan-seconds", "0.2"});
  Service service({.scanners = nessusScanner(nessus)});
  client::Client client = service.client();
  const std::string task = client.submit_scan("10.0.0.1", "[huge:100]", underKey("1")).task_id;
  while (nessus.count("export_downloaded") == 0) std::this_thread::sleep_for(5ms);
  int answered = 0;
  Clock::duration slowest{};

  for (bool reading = true; reading;) {
    const auto asked = Clock::now();
    reading = client.get_status(task).status == "running";
    EXPECT_EQ(service.get("/livez"), "ok");
    if (!reading) break;
    slowest = std::max(slowest, Clock::now() - asked);
    ++answered;
  }

  EXPECT_EQ(client.get_status(task).status, "completed");
  EXPECT_GT(answered, 10);
  EXPECT_LT(slowest, 1s) << "both together";
}

}  // namespace
}  // namespace scanhost::integration
