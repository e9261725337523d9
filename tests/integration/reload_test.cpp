// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A configuration that changes under running scans: each part is replaced by one that was tried
/// first, or everything stays as it was.
#include <gmock/gmock.h>
#include <signal.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "tests/integration/service.h"
#include "tests/support/redis_server.h"

namespace scanhost::integration {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing_support::Finished;
using testing_support::NessusSimulator;
using testing_support::RedisServer;
using namespace std::chrono_literals;

template <class Holds>
bool eventually(Holds holds, std::chrono::milliseconds within = 20s) {
  const auto until = std::chrono::steady_clock::now() + within;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(25ms);
  }
  return true;
}

std::vector<std::string> texts(const Json& array) {
  std::vector<std::string> out;
  for (const Json& item : array.items()) out.push_back(item.asString());
  return out;
}

Json reload(const Service& service) {
  return service.operatorClient().call_tool("reload", Json::object());
}

/// The error of a reload that must be refused; null when it was not.
Json refusedReload(const Service& service) {
  try {
    reload(service);
  } catch (const client::ServiceError& error) {
    return error.body();
  }
  return {};
}

client::ScanStatus submitTo(client::Client& client, const std::string& pool,
                            const std::string& targets = "127.0.0.1") {
  client::ScanOptions options;
  options.scanner_pool = pool;
  return client.get_status(client.submit_scan(targets, "LAN", options).task_id);
}

Json scannerOf(const Service& service, const std::string& key) {
  const Json answer = service.client().list_scanners();
  for (const Json& scanner : answer["scanners"].items())
    if (scanner["instance_key"].asString() == key) return scanner;
  return {};
}

// A local scan of some seconds.
std::string slowNmap(int seconds) {
  return "  - {name: local, pool: nmap, plugin: scanner-nmap, max_concurrent_scans: 2, config: "
         "{service_detection: false, max_rate: 10, ports: \"1-" +
         std::to_string(seconds * 10) + "\"}}\n";
}

class Reload : public testing::Test {
 protected:
  NessusSimulator nessus{built("bin/nessus-simulator"), {"--scan-seconds", "2", "--seed", "3"}};
  Service service{{.scanners = nessusScanner(nessus) + slowNmap(2),
                   .extra = "tasks: {poll_interval: 100ms, lease: 2s}\nlog: {level: info}\n"}};
  client::Client client = service.client();
};

TEST_F(Reload, ARemoteScanUnderWayIsFollowedByTheScannersNewInstance) {
  const std::string task = submitTo(client, "nessus").task_id;
  const std::string remote = remoteOf(client, task);
  service.rewrite("config: {url: \"https", "config: {request_timeout: 11s, url: \"https");

  const Json answer = reload(service);

  EXPECT_THAT(texts(answer["changed"]), ElementsAre("scanners[nessus:scanner1].config"));
  EXPECT_THAT(texts(answer["restart_required"]), IsEmpty());
  const auto ended = waitForEnd(client, task);
  EXPECT_EQ(ended.status, "completed") << ended.error_message;
  EXPECT_EQ(ended.json["remote_ref"].asString(), remote);
  EXPECT_EQ(ended.json["attempt"].asInteger(), 1);
  EXPECT_EQ(nessus.countRequests("POST", "/scans/" + remote + "/launch"), 1);
  EXPECT_TRUE(eventually([&] { return service.events("plugin_stopped").size() == 1; }));
  EXPECT_THAT(service.events("lease_lost"), IsEmpty());
}

TEST_F(Reload, ALocalScanUnderWayEndsOnTheInstanceThatItBeganOn) {
  const std::string task = submitTo(client, "nmap").task_id;
  ASSERT_TRUE(eventually([&] { return client.get_status(task).status == "running"; }));
  service.rewrite("max_rate: 10", "max_rate: 1000");

  reload(service);

  const auto ended = waitForEnd(client, task);
  EXPECT_EQ(ended.status, "completed") << ended.error_message;
  EXPECT_EQ(ended.json["attempt"].asInteger(), 1);
  EXPECT_EQ(service.events("scan_launched").size(), 1u);
  EXPECT_TRUE(eventually([&] { return service.events("plugin_stopped").size() == 1; }));
}

TEST_F(Reload, ALocalScanThatStaysTooLongIsQueuedAgainWithoutAnAttemptSpent) {
  service.rewrite("node: {name: test", "node: {swap_drain: 100ms, name: test");
  service.rewrite("ports: \"1-20\"", "ports: \"1-600\"");
  reload(service);
  const std::string task = submitTo(client, "nmap").task_id;
  ASSERT_TRUE(eventually([&] { return service.events("scan_launched").size() == 1; }));
  service.rewrite("ports: \"1-600\"", "ports: \"1-2\"");

  reload(service);

  const auto ended = waitForEnd(client, task);
  EXPECT_EQ(ended.status, "completed") << ended.error_message;
  EXPECT_EQ(ended.json["attempt"].asInteger(), 1);
  EXPECT_EQ(service.events("scan_launched").size(), 2u);
}

TEST_F(Reload, WhatIsOfTheHostAloneChangesWithoutAnotherPluginInstance) {
  service.rewrite("max_concurrent_scans: 4", "max_concurrent_scans: 9");
  reload(service);
  EXPECT_EQ(scannerOf(service, "nessus:scanner1")["max_concurrent_scans"].asInteger(), 9);
  EXPECT_EQ(
      service.metric("scanhost_scanner_capacity{pool=\"nessus\",scanner_instance=\"scanner1\"}"),
      9);
  EXPECT_THAT(service.events("plugin_stopped"), IsEmpty());
}

TEST_F(Reload, NothingChangesWhereNothingChanged) {
  const Json answer = reload(service);
  EXPECT_THAT(texts(answer["changed"]), IsEmpty());
  EXPECT_THAT(service.events("plugin_stopped"), IsEmpty());
}

TEST_F(Reload, AFileThatMakesNoSenseKeepsTheOldSettings) {
  service.rewrite("max_concurrent_scans: 4", "max_concurrent_scans: many");
  const Json error = refusedReload(service);
  EXPECT_EQ(error["code"].asString(), "invalid_config");
  EXPECT_EQ(error["status_code"].asInteger(), 422);
  EXPECT_THAT(error["message"].asString(),
              AllOf(HasSubstr("scanhost.yaml:"), HasSubstr("max_concurrent_scans")));
  EXPECT_EQ(scannerOf(service, "nessus:scanner1")["max_concurrent_scans"].asInteger(), 4);
  EXPECT_TRUE(eventually([&] { return service.events("config_reload_refused").size() == 1; }));
}

TEST_F(Reload, ALoginThatTheScannerRefusesKeepsTheOldOneAndEverythingElse) {
  service.rewrite("access_key: AK", "access_key: wrong");
  service.rewrite("level: info", "level: debug");
  const std::string task = submitTo(client, "nessus").task_id;

  const Json error = refusedReload(service);

  EXPECT_EQ(error["code"].asString(), "invalid_config");
  EXPECT_THAT(error["message"].asString(), HasSubstr("nessus:scanner1"));
  EXPECT_EQ(waitForEnd(client, task).status, "completed");
  EXPECT_THAT(service.events("http_request"), IsEmpty());  // debug
}

TEST_F(Reload, WhatNeedsARestartRefusesTheWholeAndIsNamed) {
  service.rewrite("{name: test,", "{name: other,");
  service.rewrite("max_concurrent_scans: 4", "max_concurrent_scans: 9");
  const Json error = refusedReload(service);
  EXPECT_EQ(error["code"].asString(), "invalid_state");
  EXPECT_THAT(error["message"].asString(),
              AllOf(HasSubstr("node.name"), Not(HasSubstr("max_concurrent_scans"))));
  EXPECT_EQ(scannerOf(service, "nessus:scanner1")["max_concurrent_scans"].asInteger(), 4);
}

TEST_F(Reload, APolicyHoldsFromThenOn) {
  submitTo(client, "nessus", "10.0.0.7");
  service.rewrite("\"10.0.0.0/24\"", "\"10.0.0.0/30\"");
  reload(service);
  EXPECT_THROW(submitTo(client, "nessus", "10.0.0.7"), client::ServiceError);
}

TEST_F(Reload, ASignalReloadsAndTheLogTells) {
  service.rewrite("level: info", "level: debug");
  service.signal(SIGHUP);
  ASSERT_TRUE(eventually([&] { return !service.events("config_reloaded").empty(); }));
  EXPECT_THAT(texts(service.events("config_reloaded").front()["changed"]),
              ElementsAre("log.level"));
  client.list_pools();
  EXPECT_TRUE(eventually([&] { return !service.events("http_request").empty(); }));
  EXPECT_THAT(service.log(), HasSubstr("reloaded: log.level"));
}

TEST_F(Reload, TheCommandLineReloads) {
  service.rewrite("level: info", "level: warning");
  const Finished table = service.operatorCtl({"reload"});
  EXPECT_EQ(table.exit_code, 0) << table.err;
  EXPECT_THAT(table.out, AllOf(HasSubstr("log.level"), HasSubstr("changed")));

  const Finished json = service.operatorCtl({"reload", "--output", "json"});
  EXPECT_EQ(json.exit_code, 0) << json.err;
  const auto answer = Json::tryParse(json.out);
  ASSERT_TRUE(answer) << json.out;
  EXPECT_TRUE((*answer)["changed"].isArray());
  EXPECT_TRUE((*answer)["restart_required"].isArray());

  service.rewrite("{name: test,", "{name: other,");
  const Finished refused = service.operatorCtl({"reload"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("node.name"));
  EXPECT_EQ(service.ctl({"reload"}).exit_code, 4);
}

TEST_F(Reload, TasksOfAScannerThatIsTakenOutWaitForItsReturn) {
  const std::string series = "nessus_scanner_instances{enabled=\"true\",scanner_type=\"nmap\"}";
  EXPECT_EQ(service.metric(series), 1);
  const std::string under_way = submitTo(client, "nmap").task_id;
  ASSERT_TRUE(eventually([&] { return service.events("scan_launched").size() == 1; }));
  const std::string entry = slowNmap(2);
  service.rewrite(entry, "");
  reload(service);
  EXPECT_THAT(texts(client.list_pools()["pools"]), ElementsAre("nessus"));
  EXPECT_EQ(service.metric(series), std::nullopt);
  EXPECT_EQ(waitForEnd(client, under_way).status, "completed");

  service.rewrite("policy:\n", entry + "policy:\n");
  reload(service);
  const std::string task = submitTo(client, "nmap").task_id;
  EXPECT_EQ(waitForEnd(client, task).status, "completed");
  EXPECT_EQ(service.metric(series), 1);
  EXPECT_TRUE(eventually([&] {
    return service.metric("nessus_scans_total{scan_type=\"untrusted\",status=\"completed\"}") == 2;
  }));
}

TEST_F(Reload, ASuspendedScannerIsTriedAgain) {
  nessus.misbehave(R"([{"path": ".*", "fault": "status", "status": 401, "times": 0}])");
  submitTo(client, "nessus");
  ASSERT_TRUE(eventually(
      [&] { return scannerOf(service, "nessus:scanner1")["state"].asString() == "suspended"; }));
  nessus.misbehave("[]");
  reload(service);
  EXPECT_EQ(scannerOf(service, "nessus:scanner1")["state"].asString(), "ready");
}

TEST_F(Reload, AnExporterThatWritesElsewhereLosesNoEventAndRepeatsNone) {
  std::atomic<bool> stopping{false};
  std::atomic<int> calls{0};
  std::thread caller([&] {
    client::Client own = service.client();
    for (; !stopping; ++calls) own.list_pools();
  });
  const auto file = (service.folder() / "events.jsonl").string();
  for (const std::string name : {"second", "third"}) {
    std::this_thread::sleep_for(200ms);
    const auto other = (service.folder() / (name + ".jsonl")).string();
    service.rewrite(name == "second" ? file : (service.folder() / "second.jsonl").string(), other);
    reload(service);
  }
  const int before = calls;
  EXPECT_TRUE(eventually([&] { return calls > before + 2; }));
  stopping = true;
  caller.join();
  ASSERT_EQ(service.stop(), 0);
  int written = 0;
  for (const char* name : {"events", "second", "third"}) {
    std::ifstream in(service.folder() / (std::string(name) + ".jsonl"));
    int here = 0;
    for (std::string line; std::getline(in, line);)
      if (line.find("\"tool_invocation\"") != std::string::npos &&
          line.find("\"list_pools\"") != std::string::npos)
        ++here;
    EXPECT_GT(here, 0) << name;
    written += here;
  }
  EXPECT_EQ(written, calls);
}

TEST_F(Reload, MetricsAreServedWhileTheirExporterChanges) {
  std::atomic<bool> stopping{false};
  std::atomic<int> failed{0};
  std::thread scraper([&] {
    while (!stopping)
      if (service.get("/metrics").find("nessus_active_scans") == std::string::npos) ++failed;
  });
  service.rewrite("{plugin: exporter-prometheus}",
                  "{plugin: exporter-prometheus, config: {path: /metrics}}");
  reload(service);
  stopping = true;
  scraper.join();
  EXPECT_EQ(failed, 0);
  service.rewrite("path: /metrics", "path: /elsewhere");
  reload(service);
  EXPECT_THAT(service.get("/elsewhere"), HasSubstr("nessus_active_scans"));
  EXPECT_THAT(service.get("/metrics"), Not(HasSubstr("nessus_active_scans")));
}

TEST(ReloadOfTheQueue, ItsPasswordIsRotatedWhileAScanRuns) {
  RedisServer redis({"--requirepass", "first"});
  NessusSimulator nessus(built("bin/nessus-simulator"), {"--scan-seconds", "2", "--seed", "4"});
  Service service{
      {.scanners = nessusScanner(nessus),
       .extra = "tasks: {poll_interval: 100ms, lease: 2s}\nresults: {allow_local: "
                "true}\nqueue: {plugin: queue-redis, config: {password: first, url: \"" +
                redis.url() + "\"}}\n",
       .node = ", key_file: keys.json"}};
  client::Client client = service.client();
  const std::string task = submitTo(client, "nessus").task_id;
  const std::string remote = remoteOf(client, task);
  redis.cli({"-a", "first", "CONFIG", "SET", "requirepass", "second"});

  service.rewrite("password: first", "password: wrong");
  EXPECT_EQ(refusedReload(service)["code"].asString(), "invalid_config");
  service.rewrite("password: wrong", "password: second");
  EXPECT_THAT(texts(reload(service)["changed"]), ElementsAre("queue.config"));
  redis.cli({"-a", "second", "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});

  EXPECT_EQ(waitForEnd(client, task).status, "completed");
  EXPECT_EQ(waitForEnd(client, submitTo(client, "nessus").task_id).status, "completed");
  EXPECT_EQ(nessus.countRequests("POST", "/scans/" + remote + "/launch"), 1);
}

TEST(ReloadOfTheQueue, AnotherStoreIsRefused) {
  RedisServer redis;
  Service service{{.scanners = nmapScanner("9"),
                   .extra = "results: {allow_local: true}\nqueue: {plugin: queue-redis, config: "
                            "{url: \"" +
                            redis.url() + "\"}}\n",
                   .node = ", key_file: keys.json"}};
  service.rewrite("/0\"", "/1\"");
  EXPECT_THAT(refusedReload(service)["message"].asString(), HasSubstr("another store"));
}

/// Puts another file in the plugin's place: the same, and a byte more, which ELF does not mind.
void upgrade(const std::filesystem::path& plugin) {
  const auto beside = plugin.string() + ".new";
  std::filesystem::copy_file(plugin, beside);
  std::ofstream(beside, std::ios::app) << '\0';
  std::filesystem::rename(beside, plugin);
}

class ReloadOfPlugins : public testing::Test {
 protected:
  ReloadOfPlugins() {
    for (const auto& entry : std::filesystem::directory_iterator(built("plugins")))
      if (entry.path().extension() == ".so")
        std::filesystem::copy_file(entry.path(), plugins_.path() / entry.path().filename());
  }
  std::filesystem::path file(const std::string& plugin) const {
    return plugins_.path() / (plugin + ".so");
  }
  std::string dir() const { return "plugins: {dir: " + plugins_.path().string() + "}\n"; }

 private:
  Folder plugins_;
};

TEST_F(ReloadOfPlugins, AnIsolatedOneGetsANewRunnerWithItsNewFileWhileItsScanEndsOnTheOld) {
  std::string entry = slowNmap(2);
  entry.replace(entry.find("plugin:"), 0, "isolation: process, ");
  Service service{{.scanners = entry, .extra = dir()}};
  client::Client client = service.client();
  const std::string task = submitTo(client, "nmap").task_id;
  ASSERT_TRUE(eventually([&] { return service.events("scan_launched").size() == 1; }));
  upgrade(file("scanner-nmap"));

  const Json answer = reload(service);

  EXPECT_THAT(texts(answer["changed"]), ElementsAre("plugin scanner-nmap"));
  EXPECT_THAT(texts(answer["restart_required"]), IsEmpty());
  const auto ended = waitForEnd(client, task);
  EXPECT_EQ(ended.status, "completed") << ended.error_message;
  EXPECT_EQ(ended.json["attempt"].asInteger(), 1);
  EXPECT_TRUE(eventually([&] { return service.events("plugin_stopped").size() == 1; }));
  EXPECT_EQ(waitForEnd(client, submitTo(client, "nmap").task_id).status, "completed");
  EXPECT_THAT(texts(reload(service)["changed"]), IsEmpty());
  EXPECT_EQ(service.events("plugin_stopped").size(), 1u);
}

TEST_F(ReloadOfPlugins, OneInTheServicesOwnProcessWaitsForARestart) {
  Service service{{.scanners = nmapScanner("9"),
                   .extra = "plugins: {in_process: [scanner-nmap], dir: " +
                            file("x").parent_path().string() + "}\n"}};
  upgrade(file("scanner-nmap"));
  EXPECT_THAT(texts(reload(service)["restart_required"]), ElementsAre("plugin scanner-nmap"));
  service.rewrite("ports: \"9\"", "ports: \"10\"");
  const Json error = refusedReload(service);
  EXPECT_EQ(error["code"].asString(), "invalid_state");
  EXPECT_THAT(error["message"].asString(), HasSubstr("plugin scanner-nmap"));
}

}  // namespace
}  // namespace scanhost::integration
