// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Canary secrets appear in no file, log line, event, metric, answer or process list.
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <thread>

#include "tests/integration/service.h"
#include "tests/support/redis_server.h"

namespace scanhost::integration {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing_support::NessusSimulator;

const std::vector<std::string> canaries = {"canary-ssh-password", "canary-escalation-password",
                                           NessusSimulator::secret_key};

std::string contents(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Secrets : public testing::Test {
 protected:
  NessusSimulator nessus{built("bin/nessus-simulator"), {"--scan-seconds", "0.5"}};
  Service service{{.scanners = nessusScanner(nessus) + nmapScanner("9"),
                   .extra = "tasks: {poll_interval: 100ms}\nlog: {level: debug}\n"}};
  client::Client client = service.client();

  std::string submitWithSecrets() { return submitWithSecrets(client); }
  std::string submitWithSecrets(client::Client& to) {
    client::ScanLogin login;
    login.ssh_username = "scanner";
    login.ssh_password = canaries[0];
    login.elevate_privileges_with = "sudo";
    login.escalation_account = "root";
    login.escalation_password = canaries[1];
    client::ScanOptions options;
    options.idempotency_key = "canary";
    return to
        .submit_authenticated_scan("10.0.0.1", "Canary", "authenticated_privileged", login, options)
        .task_id;
  }
  void expectClean(const std::string& text, const std::string& where) {
    for (const std::string& canary : canaries)
      EXPECT_EQ(text.find(canary), std::string::npos) << canary << " in " << where;
  }
  void expectFilesClean() { expectClean(service.folder()); }
  void expectClean(const std::filesystem::path& folder) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
      if (entry.is_regular_file() && entry.path().filename() != "scanhost.yaml")
        expectClean(contents(entry.path()), entry.path().string());
  }
};

TEST_F(Secrets, TheyAppearNowhereBeforeDuringAndAfterAScan) {
  const std::string task = submitWithSecrets();
  expectFilesClean();
  expectClean(client.get_queue_status().dump(), "get_queue_status");
  expectClean(contents("/proc/" + std::to_string(service.pid()) + "/cmdline"), "command line");
  const auto status = waitForEnd(client, task);
  ASSERT_EQ(status.status, "completed") << status.json.dump();
  EXPECT_EQ(status.json["authentication_status"].asString(), "success")
      << "the scanner did get the login";
  expectFilesClean();
  expectClean(status.json.dump(), "get_scan_status");
  expectClean(client.list_tasks().dump(), "list_tasks");
  expectClean(client.list_scanners().dump(), "list_scanners");
  expectClean(client.get_results(task, allResults("full")).text, "get_scan_results");
  expectClean(service.get("/metrics"), "/metrics");
  expectClean(service.get("/health"), "/health");
  expectClean(service.log(), "stderr");
}

TEST_F(Secrets, NeitherRedisNorTheAcceptJournalHoldsThem) {
  testing_support::RedisServer redis(
      {"--appendfsync", "always", "--maxmemory-policy", "noeviction"});
  Service strict({.scanners = nessusScanner(nessus),
                  .extra = "queue: {plugin: queue-redis, durability: strict, config: {url: \"" +
                           redis.url() + "\"}}\nresults: {allow_local: true}\n"});
  client::Client to = strict.client();

  const std::string task = submitWithSecrets(to);

  EXPECT_NE(contents(strict.folder() / "data/accepts.journal").find(task), std::string::npos);
  EXPECT_EQ(waitForEnd(to, task).status, "completed");
  expectClean(std::filesystem::path(redis.folder()));
  expectClean(strict.folder());
}

TEST_F(Secrets, AScannerThatIsGoneIsReportedWithoutItsKeys) {
  nessus.misbehave(R"([{"path": ".*", "fault": "status", "status": 401, "times": 0}])");
  submitWithSecrets();
  for (int i = 0; i < 100 && service.events("authentication_failed").empty(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_FALSE(service.events("authentication_failed").empty());
  expectFilesClean();
  expectClean(client.list_scanners().dump(), "list_scanners");
}

}  // namespace
}  // namespace scanhost::integration
