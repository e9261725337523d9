// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// /health, /livez and /readyz while one thing after another fails: each says what is, nothing
/// says more, and only the process itself counts for its liveness.
#include <Poco/Exception.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <optional>
#include <thread>

#include "tests/faults/disk.h"
#include "tests/integration/service.h"
#include "tests/integration/stopped_thread.h"
#include "tests/support/redis_server.h"

namespace scanhost::integration {
namespace {

using faults::Disk;
using testing::HasSubstr;
using testing::Not;
using testing_support::NessusSimulator;
using testing_support::RedisServer;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

struct Answer {
  int code = 0;
  std::string body;
};

Answer ask(const Service& service, const std::string& path) {
  Poco::Net::HTTPClientSession session("127.0.0.1", service.port());
  session.setTimeout(Poco::Timespan(5, 0));
  Poco::Net::HTTPRequest request("GET", path, Poco::Net::HTTPMessage::HTTP_1_1);
  session.sendRequest(request);
  Poco::Net::HTTPResponse response;
  Answer answer;
  Poco::StreamCopier::copyToString(session.receiveResponse(response), answer.body);
  answer.code = response.getStatus();
  for (const std::string& secret :
       {std::string("127.0.0.1"), std::string("://"), std::string(NessusSimulator::secret_key),
        service.folder().string()})
    EXPECT_THAT(answer.body, Not(HasSubstr(secret))) << path;
  return answer;
}

/// /health as JSON, once it has that code; what it was at last otherwise.
Json healthOnce(const Service& service, int code, std::chrono::seconds within = 30s) {
  const auto until = Clock::now() + within;
  Answer answer = ask(service, "/health");
  while (answer.code != code && Clock::now() < until) {
    std::this_thread::sleep_for(100ms);
    answer = ask(service, "/health");
  }
  EXPECT_EQ(answer.code, code) << answer.body;
  const Json body = Json::parse(answer.body);
  EXPECT_EQ(body["response_code"], Json(answer.code));
  return body;
}

std::string stateOf(const Json& health, const std::string& component) {
  for (const Json& one : health["components"].items())
    if (one["name"].asString() == component) return one["state"].asString();
  return "none";
}

void expectAlive(const Service& service) {
  const auto asked = Clock::now();
  EXPECT_EQ(ask(service, "/livez").body, "ok");
  EXPECT_LT(Clock::now() - asked, 2s);
}

void expectReady(const Service& service) {
  const Answer answer = ask(service, "/readyz");
  EXPECT_EQ(answer.code, 200) << answer.body;
  EXPECT_EQ(answer.body, R"({"ready":true,"reasons":[]})");
}

void expectNotReady(const Service& service, const std::string& reason) {
  const Answer answer = ask(service, "/readyz");
  EXPECT_EQ(answer.code, 503);
  EXPECT_THAT(answer.body, HasSubstr(reason));
}

void expectWell(const Service& service, const std::string& status = "healthy") {
  EXPECT_EQ(healthOnce(service, 200)["status"].asString(), status);
  expectReady(service);
  expectAlive(service);
}

class HealthOf : public testing::Test {
 protected:
  /// In a folder of its own, with a disk for some of its data.
  ServiceOptions with(std::optional<Disk>& disk, const std::string& folder) {
    return {.scanners = nessusScanner(nessus),
            .extra = "limits: {disk_free: 0B}\n",
            .before_start = [&disk, folder](const std::filesystem::path& data) {
              std::filesystem::create_directories(data);
              disk.emplace(data / folder);
            }};
  }

  NessusSimulator nessus{built("bin/nessus-simulator"), {"--scan-seconds", "0.2"}};
};

class HealthOfRedis : public HealthOf {
 protected:
  RedisServer redis{{"--appendfsync", "always"}};
  Service service{{.scanners = nessusScanner(nessus),
                   .extra = "queue: {plugin: queue-redis, config: {url: \"" + redis.url() +
                            "\"}}\nresults: {allow_local: true}\n",
                   .node = ", key_file: keys.json"}};

  void expectUnwell() {
    const Json health = healthOnce(service, 503);
    EXPECT_EQ(health["status"].asString(), "unhealthy");
    EXPECT_EQ(health["redis_healthy"], Json(false));
    EXPECT_EQ(health["filesystem_healthy"], Json(true));
    EXPECT_EQ(stateOf(health, "queue"), "failed");
    EXPECT_EQ(stateOf(health, "results"), "ok");
    expectNotReady(service, "unhealthy: queue");
    expectAlive(service);
  }
};

TEST_F(HealthOfRedis, ThatIsGoneAndComesBack) {
  expectWell(service);
  EXPECT_EQ(healthOnce(service, 200)["redis_healthy"], Json(true));
  redis.end(SIGKILL);
  expectUnwell();
  redis.restart();
  expectWell(service);
}

TEST_F(HealthOfRedis, ThatHangsIsNoStalledLoop) {
  client::Client client = service.client();
  client.submit_scan("10.0.0.1", "LAN");  // so that the dispatcher has business with it
  redis.signal(SIGSTOP);
  for (const auto until = Clock::now() + 13s; Clock::now() < until;) {
    expectAlive(service);
    std::this_thread::sleep_for(500ms);
  }
  expectUnwell();
  redis.signal(SIGCONT);
  expectWell(service);
}

TEST_F(HealthOf, AResultsStoreThatCannotWrite) {
  std::optional<Disk> disk;
  Service service(with(disk, "results-sqlite"));
  if (!disk->isMounted()) GTEST_SKIP() << "needs a disk of its own, which root may mount";
  expectWell(service);
  disk->fill(service.pid());
  const Json health = healthOnce(service, 503);
  EXPECT_EQ(stateOf(health, "results"), "failed");
  EXPECT_EQ(stateOf(health, "queue"), "ok");
  EXPECT_EQ(health["filesystem_healthy"], Json(true));
  EXPECT_FALSE(health.has("redis_healthy")) << "only with a Redis queue";
  expectNotReady(service, "unhealthy: results");
  expectAlive(service);
  disk->empty(service.pid());
  expectWell(service);
  EXPECT_EQ(service.stop(), 0);
}

TEST_F(HealthOf, ADiskThatIsFull) {
  std::optional<Disk> disk;
  Service service(with(disk, "."));
  // One that root mounts is memory, and no queue is durable there.
  const std::string well = disk->isMounted() ? "degraded" : "healthy";
  expectWell(service, well);
  disk->fill(service.pid());
  const Json health = healthOnce(service, 503);
  EXPECT_EQ(health["filesystem_healthy"], Json(false));
  EXPECT_EQ(stateOf(health, "data_dir"), "failed");
  expectNotReady(service, "unhealthy: data_dir");
  expectAlive(service);
  disk->empty(service.pid());
  expectWell(service, well);
  EXPECT_EQ(service.stop(), 0);
}

TEST_F(HealthOf, ScannersThatAreAllOutOfReachDegradesAndNoMore) {
  std::string scanners;
  for (const char* name : {"one", "two"}) {
    const NessusSimulator gone(built("bin/nessus-simulator"));
    std::string scanner = nessusScanner(gone, name);
    scanners += scanner.insert(scanner.find(", config:"), ", circuit: {failures: 1}");
  }
  Service service({.scanners = scanners});
  const auto until = Clock::now() + 20s;
  Json health = healthOnce(service, 200);
  while (health["status"].asString() != "degraded" && Clock::now() < until) {
    std::this_thread::sleep_for(100ms);
    health = healthOnce(service, 200);
  }
  EXPECT_EQ(health["status"].asString(), "degraded");
  EXPECT_EQ(health["overall_status"].asString(), "degraded");
  EXPECT_EQ(stateOf(health, "scanners"), "degraded");
  expectReady(service);
  expectAlive(service);
}

TEST_F(HealthOf, AServiceThatHandsItsWorkBack) {
  // A poll that is not answered keeps the drain waiting.
  nessus.misbehave(R"([{"method": "GET", "path": "/scans/.*", "fault": "delay", "delay_ms": 3000,
                        "times": 0}])");
  Service service({.scanners = nessusScanner(nessus),
                   .extra = "tasks: {poll_interval: 100ms}\n",
                   .node = ", drain: 20s"});
  expectReady(service);
  client::Client client = service.client();
  client.submit_scan("10.0.0.1", "LAN");
  while (nessus.count("scan_launched") == 0) std::this_thread::sleep_for(10ms);
  std::this_thread::sleep_for(300ms);

  service.signal(SIGTERM);
  int drains = 0;
  try {
    for (;; std::this_thread::sleep_for(20ms)) {
      const Answer ready = ask(service, "/readyz"), live = ask(service, "/livez");
      if (ready.code == 200) continue;  // the signal is on its way
      EXPECT_EQ(ready.code, 503);
      if (live.code != 200) break;  // its listener ends
      EXPECT_EQ(ready.body, R"({"ready":false,"reasons":["draining"]})");
      ++drains;
    }
  } catch (const Poco::Exception&) {  // gone
  }
  EXPECT_GT(drains, 0);
}

TEST_F(HealthOf, ALoopThatStandsStillIsNamedUntilItGoesOn) {
  Service service({.scanners = nessusScanner(nessus)});
  expectAlive(service);
  const pid_t dispatcher = threadNamed(service.pid(), "dispatcher");
  ASSERT_GT(dispatcher, 0);
  {
    const StoppedThread stopped(dispatcher);
    if (!stopped.isStopped()) GTEST_SKIP() << "threads cannot be stopped here";
    const auto until = Clock::now() + 30s;
    Answer answer = ask(service, "/livez");
    while (answer.code == 200 && Clock::now() < until) {
      std::this_thread::sleep_for(200ms);
      answer = ask(service, "/livez");
    }
    EXPECT_EQ(answer.code, 503);
    EXPECT_EQ(answer.body, "stalled: dispatcher");
  }
  std::this_thread::sleep_for(500ms);
  expectAlive(service);
  EXPECT_EQ(service.stop(), 0);
}

}  // namespace
}  // namespace scanhost::integration
