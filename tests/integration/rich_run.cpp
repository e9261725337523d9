// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/rich_run.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <functional>
#include <sstream>
#include <thread>

#include "tests/integration/service.h"
#include "tests/integration/vendors_folder.h"
#include "tests/support/redis_server.h"

namespace scanhost::integration {
namespace {

using testing_support::NessusSimulator;
using testing_support::RedisServer;
using namespace std::chrono_literals;

template <class Holds>
void await(const std::string& what, Holds holds, std::chrono::milliseconds within = 20s) {
  const auto until = std::chrono::steady_clock::now() + within;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) {
      ADD_FAILURE() << "in vain: " << what;
      return;
    }
    std::this_thread::sleep_for(25ms);
  }
}

std::string inPool(std::string scanner, const std::string& pool, const std::string& more = {}) {
  const std::string from = "pool: nessus";
  return scanner.replace(scanner.find(from), from.size(), "pool: " + pool + more);
}

/// The service and what is around it.
class Stage {
 public:
  RichRun play() {
    refuseAStranger();
    startLongOnes();
    look();
    completeSome();
    failSome();
    failReports();
    steer();
    crash();
    breakCircuit();
    doubtALaunch();
    reload();
    loseTheLease();
    loseTheQueue();
    scrape();
    dieAndComeBack();
    waitForHousekeeping();
    scrape();
    EXPECT_EQ(service.stop(), 0);
    run_.events += service.allEvents();
    return std::move(run_);
  }

 private:
  void scrape() { run_.scrapes.push_back(service.get("/metrics")); }
  /// Until that series is above zero: some are read anew once a second.
  void scrapeWith(const std::string& series) {
    await(series, [&] { return service.metric(series).value_or(0) > 0; });
    scrape();
  }
  static client::ScanOptions to(const std::string& pool) {
    client::ScanOptions options;
    options.scanner_pool = pool;
    return options;
  }
  static std::string submit(client::Client& client, const std::string& pool,
                            const std::string& name = "LAN") {
    return client.submit_scan("10.0.0.1", name, to(pool)).task_id;
  }
  std::string submit(const std::string& pool, const std::string& name = "LAN") {
    return submit(client, pool, name);
  }
  void expectRefused(const std::string& code, const std::function<void()>& call) {
    try {
      call();
      ADD_FAILURE() << "not refused: " << code;
    } catch (const client::ServiceError& error) {
      EXPECT_EQ(error.code(), code);
    }
  }
  void end(const std::string& task, const std::string& how) {
    steered.call("POST", "/simulator/scans/" + remoteOf(client, task) + "/" + how);
  }
  std::size_t count(const std::string& name, const std::string& task) const {
    std::istringstream lines(service.allEvents());
    std::size_t found = 0;
    for (std::string line; std::getline(lines, line);)
      if (line.find("\"event\":\"" + name + "\"") != std::string::npos &&
          line.find(task) != std::string::npos)
        ++found;
    return found;
  }
  void awaitEvent(const std::string& name, const std::string& task = {}, std::size_t times = 1) {
    await(name, [&] { return count(name, task) >= times; });
  }

  void refuseAStranger() {
    Service guarded({.scanners = nmapScanner("9"),
                     .extra = "auth: {mode: token, tokens_file: tokens}\n",
                     .before_start = [](const std::filesystem::path& data) {
                       testing_support::run(
                           {{built("bin/scanhostctl"), "token", "create", "one", "--role", "client",
                             "--expires", "1h", "--file", (data.parent_path() / "tokens").string()},
                            {},
                            {}});
                     }});
    guarded.get("/metrics");
    guarded.stop();
    run_.events = guarded.allEvents();
  }
  /// One that runs into the warning about its time, and one that nobody takes.
  void startLongOnes() {
    submit("narrow");
    submit("narrow");
    scrapeWith("scanhost_queue_oldest_seconds{pool=\"narrow\"}");
    scrapeWith("scanhost_scanner_utilization_pct{pool=\"narrow\",scanner_instance=\"narrow\"}");
  }
  void look() {
    for (const char* path : {"/health", "/health", "/metrics", "/metrics"}) service.get(path);
  }
  void completeSome() {
    client::ScanOptions keyed = to("nessus");
    keyed.idempotency_key = "monday";
    const std::string task = client.submit_scan("10.0.0.1", "LAN", keyed).task_id;
    client.submit_scan("10.0.0.1", "LAN", keyed);
    expectRefused("conflict", [&] { client.submit_scan("10.0.0.2", "LAN", keyed); });
    expectRefused("policy_denied", [&] { client.submit_scan("192.0.2.1", "no", to("nessus")); });
    EXPECT_EQ(waitForEnd(client, task).status, "completed");
  }
  void failSome() {
    for (const char* type : {"authenticated", "authenticated_privileged"})
      for (const char* user : {"scanner", "wrong"}) {
        client::ScanLogin login;
        login.ssh_username = user;
        login.ssh_password = "letmein";
        if (type != std::string("authenticated")) login.elevate_privileges_with = "sudo";
        waitForEnd(client,
                   client.submit_authenticated_scan("10.0.0.1", "login", type, login, to("nessus"))
                       .task_id);
      }
    const std::string retried = submit("steered");
    end(retried, "abort");
    awaitEvent("scan_launched", retried, 2);
    end(retried, "abort");
    EXPECT_EQ(waitForEnd(client, retried).status, "failed");
    operator_client.call_tool("redrive_task", Json::object({{"task_id", retried}}));
    awaitEvent("scan_launched", retried, 3);
    end(retried, "finish");
    EXPECT_EQ(waitForEnd(client, retried).status, "completed");
    client.call_tool("delete_scan", Json::object({{"task_id", retried}}));

    const std::string lost = submit("steered");
    end(lost, "vanish");
    EXPECT_EQ(waitForEnd(client, lost).status, "failed");
    scrapeWith("scanhost_pool_dlq_depth{pool=\"steered\"}");
    operator_client.call_tool("purge_dead_letters", Json::object({{"confirm", true}}));
  }
  /// Of a scanner that is busy first, and of reports that break off, are gone, or say nothing.
  void failReports() {
    nessus.misbehave(R"([{"method": "POST", "path": "/scans/.*/launch", "fault": "status",
                          "status": 429, "retry_after": 1}])");
    EXPECT_EQ(waitForEnd(client, submit("nessus")).status, "completed");
    for (const char* fault : {R"("cut_file")", R"("status", "status": 404)"}) {
      nessus.misbehave(R"([{"path": ".*/download", "times": 0, "fault": )" + std::string(fault) +
                       "}]");
      EXPECT_EQ(waitForEnd(client, submit("nessus")).status, "failed");
    }
    nessus.misbehave("[]");
    EXPECT_EQ(waitForEnd(client, submit("nessus", "[empty]")).status, "failed");
  }
  void steer() {
    const std::string task = submit("steered");
    remoteOf(client, task);
    client.call_tool("pause_scan", Json::object({{"task_id", task}}));
    awaitEvent("scan_paused", task);
    client.call_tool("resume_scan", Json::object({{"task_id", task}}));
    awaitEvent("scan_resumed", task);
    steered.misbehave(
        R"([{"method": "GET", "path": "/scans.*", "fault": "status", "status": 500, "times": 0}])");
    awaitEvent("poll_failed");
    steered.misbehave("[]");
    client.cancel(task);
    awaitEvent("scan_cancelled", task);
  }
  void crash() { waitForEnd(client, submit("wild", "crash")); }
  void breakCircuit() {
    flaky.misbehave(R"([{"path": ".*", "fault": "drop_before", "times": 0}])");
    const std::string task = submit("flaky");
    awaitEvent("circuit_opened");
    scrape();
    flaky.misbehave("[]");
    EXPECT_EQ(waitForEnd(client, task).status, "completed");
  }
  void doubtALaunch() {
    nessus.misbehave(R"([{"method": "POST", "path": "/scans", "fault": "drop_after"},
                         {"method": "GET", "path": "/scans.*", "fault": "drop_before",
                          "times": 0}])");
    const std::string task = submit("nessus");
    awaitEvent("launch_ambiguous", task);
    nessus.misbehave("[]");
    EXPECT_EQ(waitForEnd(client, task).status, "completed");
  }
  void reload() {
    service.rewrite("url: \"" + flaky.url(), "request_timeout: 11s, url: \"" + flaky.url());
    service.signal(SIGHUP);
    awaitEvent("config_reloaded");
    const std::string good = "{plugin: exporter-prometheus}";
    const std::string bad = good + "\n  - {plugin: exporter-no-entry}";
    service.rewrite(good, bad);
    service.signal(SIGHUP);
    awaitEvent("config_reload_refused");
    service.rewrite(bad, good);
  }
  void loseTheLease() {
    const std::string task = submit("steered");
    remoteOf(client, task);
    redis.cli({"HSET", "{scanhost}:task:" + task, "epoch", "77"});
    awaitEvent("lease_lost", task);
  }
  void loseTheQueue() {
    remoteOf(client, submit("steered"));  // so that there is a lease to renew
    redis.signal(SIGSTOP);
    await("lease_renewal_failed", [&] { return !service.events("lease_renewal_failed").empty(); });
    expectRefused("unavailable", [&] { client.list_tasks(); });
    redis.signal(SIGCONT);
    await("the queue is back", [&] {
      return service.get("/health").find("\"redis_healthy\":true") != std::string::npos;
    });
  }
  void dieAndComeBack() {
    const std::string task = submit("steered");
    awaitEvent("scan_launched", task);
    service.killAndRestart();
    awaitEvent("task_taken_over", task);
  }
  void waitForHousekeeping() {
    awaitEvent("stale_task_timed_out");
    awaitEvent("task_expired");
    awaitEvent("remote_scan_deleted");
    awaitEvent("housekeeping_completed");
    awaitEvent("scan_timeout_approaching");
    awaitEvent("plugin_stopped");
    awaitEvent("plugin_restarted");
  }

  struct Vendors : VendorsFolder {
    Vendors() {
      add(SCANHOST_FIXTURE_DIR "/scanner-wild.so");
      add(SCANHOST_FIXTURE_DIR "/exporter-no-entry.so");
    }
  };
  static std::string wronglyKeyed(const NessusSimulator& nessus) {
    std::string scanner = inPool(nessusScanner(nessus, "refused"), "refused");
    const std::string key = std::string("secret_key: ") + NessusSimulator::secret_key;
    return scanner.replace(scanner.find(key), key.size(), "secret_key: wrong");
  }

  Vendors plugins;
  RedisServer redis;
  NessusSimulator nessus{built("bin/nessus-simulator"), {"--scan-seconds", "0.4"}};
  NessusSimulator steered{built("bin/nessus-simulator"), {"--scan-seconds", "60"}};
  NessusSimulator flaky{built("bin/nessus-simulator"), {"--scan-seconds", "0.4"}};
  Service service{
      {.scanners = nessusScanner(nessus) +
                   inPool(nessusScanner(steered, "steered", 20), "steered") +
                   inPool(nessusScanner(steered, "narrow", 1), "narrow") +
                   inPool(nessusScanner(flaky, "flaky"), "flaky",
                          ", circuit: {failures: 2, open_for: 200ms}") +
                   wronglyKeyed(nessus) + "  - {name: wild, pool: wild, plugin: scanner-wild}\n",
       .extra = plugins.setting() +
                "queue: {plugin: queue-redis, config: {timeout: 500ms, url: \"" + redis.url() +
                "\"}}\nresults: {allow_local: true}\n"
                "tasks: {poll_interval: 100ms, lease: 2s, timeout: 30s, timeout_warning: 0.05, "
                "retry: {max_attempts: 2, base_delay: 50ms, max_delay: 100ms}}\n"
                "housekeeping: {interval: 1s, completed_ttl: 4s, remote_retention: 0s, "
                "stale_after: 5s}\nlog: {level: debug}\n",
       .node = ", key_file: keys.json"}};
  client::Client client = service.client();
  client::Client operator_client = service.operatorClient();
  RichRun run_;
};

}  // namespace

RichRun playRichRun() {
  return Stage().play();
}

}  // namespace scanhost::integration
