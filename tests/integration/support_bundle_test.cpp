// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A support bundle of a service in use holds what a helper needs, and no byte of a secret.
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "tests/integration/service.h"

namespace scanhost::integration {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing_support::Finished;
using testing_support::NessusSimulator;

/// Wherever a configuration may hold a secret.
const std::vector<std::string> canaries = {"canary-in-a-literal",
                                           "canary-in-the-environment",
                                           "canary-in-a-file",
                                           "canary-default",
                                           "canary-userinfo",
                                           "canary%2Fuserinfo",
                                           "canary/userinfo",
                                           "canary-webhook-header",
                                           "canary-of-a-template",
                                           "canary-in-a-drop-in",
                                           "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                                           NessusSimulator::secret_key};

class SupportBundle : public testing::Test {
 protected:
  NessusSimulator nessus{built("bin/nessus-simulator"), {"--scan-seconds", "0.3"}};
  Service service{{
      .scanners = nessusScanner(nessus) + nmapScanner("9"),
      .exporters =
          "  - {plugin: exporter-webhook, config: {url: \"http://127.0.0.1:9/hook\", secret: "
          "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, headers: {X-Any: canary-webhook-header}}}\n",
  }};
  client::Client client = service.client();

  std::string path(const std::string& name) const { return (service.folder() / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
    return path(name);
  }

  /// What this service could have been configured by, and never was: a bundle reads what the
  /// operator names.
  std::string otherConfiguration() const {
    write("password", "canary-in-a-file\n");
    std::filesystem::create_directories(path("conf.d"));
    write("conf.d/10.yaml",
          "scanners: [{name: d, pool: d, plugin: scanner-vendor, config: {anything: "
          "canary-in-a-drop-in}}]\n");
    return write(
        "other.yaml",
        "node: {data_dir: " + path("data") +
            "}\n"
            "queue: {plugin: queue-redis, config: {url: "
            "\"redis://user:canary%2Fuserinfo@127.0.0.1/0\", "
            "password: \"${file:" +
            path("password") +
            "}\"}}\n"
            "http: {public_url: \"https://user:canary-userinfo@example.org\"}\n"
            "transports: [{plugin: transport-mcp}]\n"
            "exporters:\n"
            "  - {plugin: exporter-webhook, config: {url: \"http://127.0.0.1:9/hook\", secret: "
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, headers: {X-Any: canary-webhook-header}}}\n"
            "scanners:\n" +
            nessusScanner(nessus) +
            "  - {name: b, pool: p, plugin: scanner-nessus, config: {url: \"https://127.0.0.1:1\", "
            "access_key: \"${env:CANARY}\", secret_key: canary-in-a-literal, "
            "password: \"${env:CANARY_UNSET:-canary-default}\"}}\n"
            "scan_templates: {t: {config: {password: canary-of-a-template}}}\n"
            "policy: {targets: {allow: [10.0.0.0/24, 127.0.0.0/8]}}\n");
  }

  /// Events with all of them, as a plugin that does not keep the rules would log them.
  std::string eventsThatTell() const {
    std::string text = service.allEvents() + "scanhost 0.1.0 is ready\n";
    for (const std::string& canary : canaries)
      text += "{\"event\":\"plugin_stderr\",\"line\":\"refused " + canary + "\"}\nplain " + canary +
              "\n";
    text += "{\"event\":\"x\",\"line\":\"Authorization: Bearer abcdefgh-unknown-bearer\"}\n";
    return write("told.jsonl", text);
  }

  /// The documents of a bundle by their names.
  std::map<std::string, std::string> bundle(const std::vector<std::string>& more = {}) {
    const std::string file = path("bundle-" + std::to_string(made_++) + ".tar.gz");
    std::vector<std::string> words = {built("bin/scanhostctl"), "--socket", service.socket(),
                                      "support-bundle",         "--output", file};
    words.insert(words.end(), more.begin(), more.end());
    said = testing_support::run({words, {{"CANARY", "canary-in-the-environment"}}, path("")});
    EXPECT_EQ(said.exit_code, 0) << said.err;
    const std::string folder = path("unpacked-" + std::to_string(made_));
    std::filesystem::create_directories(folder);
    EXPECT_EQ(testing_support::run({{"tar", "-xzf", file, "-C", folder}, {}, {}}).exit_code, 0);
    std::map<std::string, std::string> documents;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      documents[entry.path().filename()] = {std::istreambuf_iterator<char>(in), {}};
    }
    return documents;
  }

  int made_ = 0;
  Finished said;
};

TEST_F(SupportBundle, HoldsWhatAHelperNeeds) {
  waitForEnd(client, client.submit_scan("10.0.0.1", "LAN").task_id);
  const auto documents =
      bundle({"--config", path("scanhost.yaml"), "--events", path("events.jsonl")});
  std::set<std::string> names;
  for (const auto& [name, text] : documents) names.insert(name);
  EXPECT_EQ(names, (std::set<std::string>{
                       "MANIFEST.txt", "audit.txt", "configuration.json", "dead-letters.json",
                       "doctor.json", "events.jsonl", "health.json", "livez.json", "metrics.txt",
                       "plugins.txt", "pools.json", "queue.json", "readyz.json", "scanners.json",
                       "system.json", "tasks.json", "versions.txt"}))
      << said.err;
  EXPECT_THAT(documents.at("audit.txt"), AllOf(HasSubstr("whole: "), HasSubstr("exit code 0")));
  EXPECT_THAT(documents.at("metrics.txt"), HasSubstr("\nscanhost_ready 1\n"));
  EXPECT_THAT(documents.at("plugins.txt"), HasSubstr("scanner-nessus"));
  EXPECT_THAT(documents.at("events.jsonl"), HasSubstr("\"event\":\"scan_completed\""));
  const Json configuration = Json::parse(documents.at("configuration.json"));
  EXPECT_EQ(configuration["scanners"].items()[0]["config"]["url"].asString(), nessus.url());
  EXPECT_EQ(configuration["tasks"]["lease"].asString(), "60s") << "a default";
  EXPECT_EQ(Json::parse(documents.at("health.json"))["body"]["status"].asString(), "healthy");
  const Json checks = Json::parse(documents.at("doctor.json"));
  for (const Json& check : checks.items())
    EXPECT_EQ(check["result"].asString(), "ok") << check.dump();
}

TEST_F(SupportBundle, NoByteOfItIsOfASecret) {
  std::filesystem::create_directories(path("data/crashes"));
  write("data/crashes/scanner-vendor.d.1764457200000000.json",
        "{\"plugin\": \"scanner-vendor\", \"reason\": \"died of SIGSEGV in scan\", \"stderr\": "
        "\"key canary-in-a-literal\"}");
  const auto documents = bundle({"--config", otherConfiguration(), "--events", eventsThatTell()});
  for (const auto& [name, text] : documents) {
    for (const std::string& canary : canaries)
      EXPECT_EQ(text.find(canary), std::string::npos) << canary << " in " << name;
    EXPECT_THAT(text, Not(HasSubstr("unknown-bearer"))) << name;
  }
  EXPECT_THAT(said.out + said.err, Not(HasSubstr("canary")));
  const Json configuration = Json::parse(documents.at("configuration.json"));
  EXPECT_EQ(configuration["queue"]["config"]["url"].asString(), "redis://[redacted]@127.0.0.1/0");
  EXPECT_EQ(configuration["queue"]["config"]["password"].asString(),
            "${file:" + path("password") + "}");
  EXPECT_EQ(configuration["scanners"].items()[1]["config"]["access_key"].asString(),
            "${env:CANARY}");
  EXPECT_THAT(documents.at("events.jsonl"), HasSubstr("refused [redacted]")) << "they were there";
  EXPECT_THAT(documents.at("1.json"), HasSubstr("died of SIGSEGV"));
}

TEST_F(SupportBundle, TargetsAndNamesStayAtHomeUnlessTheyAreWanted) {
  waitForEnd(client, client.submit_scan("10.0.0.77", "Board room").task_id);
  const std::vector<std::string> words = {"--config", path("scanhost.yaml"), "--events",
                                          path("events.jsonl")};
  for (const auto& [name, text] : bundle(words)) {
    EXPECT_THAT(text, AllOf(Not(HasSubstr("10.0.0.77")), Not(HasSubstr("Board room")))) << name;
    EXPECT_THAT(text, Not(HasSubstr("10.0.0.0/24"))) << name;
  }
  std::vector<std::string> with_targets = words;
  with_targets.push_back("--with-targets");
  const auto documents = bundle(with_targets);
  EXPECT_THAT(documents.at("tasks.json"), AllOf(HasSubstr("10.0.0.77"), HasSubstr("Board room")));
  EXPECT_THAT(documents.at("configuration.json"), HasSubstr("10.0.0.0/24"));
}

TEST_F(SupportBundle, NamesNoServiceAndGoesOverTheControlSocketByItself) {
  const Finished ended = testing_support::run(
      {{built("bin/scanhostctl"), "support-bundle", "--output", path("local.tar.gz")},
       {{"SCANHOST_SOCKET", service.socket()}, {"SCANHOST_URL", "http://127.0.0.1:1"}},
       path("")});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  for (const char* name : {"health", "readyz", "scanners", "queue", "tasks", "dead-letters"})
    EXPECT_THAT(ended.err, HasSubstr("  " + std::string(name) + ".json: "));
  EXPECT_THAT(ended.err, HasSubstr("  metrics.txt: "));
}

TEST_F(SupportBundle, OnlyAnOperatorGetsDeadLettersAndTheRestIsThereAllTheSame) {
  const Finished ended = service.ctl({"support-bundle", "--output", path("client.tar.gz")});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_THAT(ended.err,
              AllOf(HasSubstr("without dead-letters.json: "),
                    HasSubstr("only an operator may do this"), HasSubstr("scanners.json")));
}

}  // namespace
}  // namespace scanhost::integration
