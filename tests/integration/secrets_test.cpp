// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Canary secrets appear in no file, log line, event, metric, answer or process list.
#include <Poco/Base64Encoder.h>
#include <Poco/HexBinaryEncoder.h>
#include <gmock/gmock.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
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

template <class Encoder>
std::string encoded(const std::string& text) {
  std::ostringstream out;
  Encoder encoder(out);
  encoder << text;
  encoder.close();
  return out.str();
}

/// As it is, and as a careless writer would have wrapped it.
std::vector<std::string> formsOf(const std::string& canary) {
  return {canary, encoded<Poco::Base64Encoder>(canary), encoded<Poco::HexBinaryEncoder>(canary)};
}

std::string contents(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

pid_t parentOf(const std::string& process) {
  const std::string stat = contents("/proc/" + process + "/stat");
  const std::size_t after_name = stat.rfind(')');
  return after_name == std::string::npos ? 0 : std::stoi(stat.substr(after_name + 4));
}

/// Command lines and environments of a process and all under it, as the process list shows them.
class ProcessList {
 public:
  explicit ProcessList(pid_t root) : root_(root) {}

  /// Looks once; how many processes there were.
  std::size_t look() {
    std::set<pid_t> family{root_};
    for (bool grew = true; grew;) {
      grew = false;
      for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const std::string name = entry.path().filename();
        if (!std::isdigit(static_cast<unsigned char>(name[0]))) continue;
        if (family.count(parentOf(name)) != 0) grew |= family.insert(std::stoi(name)).second;
      }
    }
    for (const pid_t process : family)
      for (const char* file : {"/cmdline", "/environ"})
        seen_ += contents("/proc/" + std::to_string(process) + file) + '\n';
    return family.size();
  }
  const std::string& seen() const { return seen_; }

 private:
  pid_t root_;
  std::string seen_;
};

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
      for (const std::string& form : formsOf(canary))
        EXPECT_EQ(text.find(form), std::string::npos) << form << " in " << where;
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

TEST_F(Secrets, NoProcessShowsThemWhileScansRun) {
  ProcessList processes(service.pid());
  client::ScanOptions on_nmap;
  on_nmap.scanner_pool = "nmap";
  std::size_t most = 0;
  std::atomic<bool> over = false;
  std::thread observer([&] {
    while (!over) most = std::max(most, processes.look());
  });

  const std::string local = client.submit_scan("127.0.0.1", "Child", on_nmap).task_id;
  const std::string remote = submitWithSecrets();
  EXPECT_EQ(waitForEnd(client, remote).status, "completed");
  waitForEnd(client, local);
  over = true;
  observer.join();

  EXPECT_GT(most, 1u) << "no child of the service was seen";
  EXPECT_THAT(processes.seen(), HasSubstr("nmap"));
  expectClean(processes.seen(), "the process list");
}

TEST_F(Secrets, NoRefusalReplayOrConflictEchoesThem) {
  const std::string task = submitWithSecrets();
  Json arguments = Json::object({{"targets", "10.0.0.1"},
                                 {"name", "Canary"},
                                 {"scan_type", "authenticated_privileged"},
                                 {"ssh_username", "scanner"},
                                 {"ssh_password", canaries[0]},
                                 {"elevate_privileges_with", "sudo"},
                                 {"escalation_account", "root"},
                                 {"escalation_password", canaries[1]},
                                 {"idempotency_key", "canary"}});
  const auto answerWith = [&](const std::string& name, const std::string& value) {
    Json changed = arguments;
    changed[name] = value;
    try {
      return client.call_tool("run_authenticated_scan", changed).dump();
    } catch (const client::ServiceError& refused) {
      return refused.body().dump();
    }
  };

  const std::string replay = answerWith("schema_profile", "brief");
  EXPECT_THAT(replay, HasSubstr(task));
  const std::string conflict = answerWith("ssh_password", canaries[0] + "2");
  EXPECT_THAT(conflict, HasSubstr("conflict"));
  expectClean(replay + conflict, "answers to a known key");
  for (const auto& [name, value] :
       {std::pair("scan_type", "root"), std::pair("elevate_privileges_with", "Nothing"),
        std::pair("credential", "cred:none"), std::pair("targets", "192.0.2.1"),
        std::pair("scanner_pool", "nmap"), std::pair("surprise", "x")}) {
    const std::string refusal = answerWith(name, value);
    EXPECT_THAT(refusal, HasSubstr("status_code")) << name;
    expectClean(refusal, name);
  }
  waitForEnd(client, task);
  expectFilesClean();
}

TEST_F(Secrets, NeitherRedisNorTheAcceptJournalHoldsThem) {
  testing_support::RedisServer redis(
      {"--appendfsync", "always", "--maxmemory-policy", "noeviction"});
  Service strict({.scanners = nessusScanner(nessus),
                  .extra = "queue: {plugin: queue-redis, durability: strict, config: {url: \"" +
                           redis.url() + "\"}}\nresults: {allow_local: true}\n",
                  .node = ", key_file: keys.json"});
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
