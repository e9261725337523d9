// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// `scanhost-plugin check`: passes what keeps the contract, and names what does not.
#include <gmock/gmock.h>
#include <scanhost/json.h>

#include "tests/support/child_process.h"
#include "tests/support/redis_server.h"

namespace scanhost {
namespace {

using testing::HasSubstr;
using testing_support::Finished;

Finished check(const std::string& file, const std::vector<std::string>& more) {
  std::vector<std::string> words = {SCANHOST_PLUGIN_TOOL, "check", file};
  words.insert(words.end(), more.begin(), more.end());
  return testing_support::run({words, {}, {}});
}
std::string plugin(const std::string& name) {
  return SCANHOST_BINARY_DIR "/plugins/" + name + ".so";
}
std::string fixture(const std::string& name) {
  return SCANHOST_FIXTURE_DIR "/" + name + ".so";
}
constexpr const char* some_cases = "*Lease*:*Submi*";

TEST(Check, PassesAQueueInAFolder) {
  const Finished run = check(plugin("queue-sqlite"), {"--filter", some_cases});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr(" passed, 0 failed"));
}

TEST(Check, GivesEachCaseAStoreOfItsOwnOnOneServer) {
  const testing_support::RedisServer redis;
  const Finished run = check(plugin("queue-redis"),
                             {"--filter", some_cases, "--config",
                              R"({"url": ")" + redis.url() + R"(", "prefix": "check-${unique}"})"});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
}

TEST(Check, PassesAResultStore) {
  const Finished run = check(plugin("results-sqlite"), {"--filter", "*Sweep*"});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
}

TEST(Check, NamesTheCasesThatAPluginFails) {
  const Finished run = check(fixture("queue-deaf"), {"--filter", some_cases});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.out, HasSubstr("FAILED QueueSuite.AnExpiredLeaseIsTakenOver\n"));
  EXPECT_THAT(run.out, HasSubstr("again: scanhost-plugin check "));
}

TEST(Check, RunsNothingOfWhatAHostWouldRefuse) {
  const Finished run = check(fixture("exporter-abi-major-2"), {"--verbose"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.out, HasSubstr("FAILED file.manifest\n"));
  EXPECT_THAT(run.out, HasSubstr("skipped file.symbols  a host would refuse it"));
  EXPECT_THAT(run.out, HasSubstr("\n0 passed, 1 failed, "));
}

TEST(Check, TellsOneJsonDocument) {
  const Finished run = check(fixture("exporter-any-interface"), {"--json"});
  EXPECT_EQ(run.exit_code, 1);
  const Json document = Json::parse(run.out);
  EXPECT_EQ(document["name"].asString(), "exporter-any-interface");
  EXPECT_EQ(document["failed"].asInteger(), 1);
  bool told = false;
  for (const Json& one : document["checks"].items()) {
    if (one["result"].asString() != "failed") continue;
    told = true;
    EXPECT_EQ(one["id"].asString(), "entry.unknown-ids");
    EXPECT_EQ(one["obligations"].items().front().asString(), "SH-P-39");
    EXPECT_THAT(one["again"].asString(), HasSubstr("--only entry.unknown-ids"));
    EXPECT_NE(one["found"].asString(), "");
    EXPECT_NE(one["remedy"].asString(), "");
  }
  EXPECT_TRUE(told);
}

TEST(Check, RunsOneCaseInItsOwnProcess) {
  const Finished run =
      check(fixture("exporter-good"), {"--only", "life.repeated", "--in-process", "--verbose"});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("passed  life.repeated"));
}

const std::string recordings = SCANHOST_SOURCE_DIR "/tests/plugins/recordings/";

TEST(Check, PassesALocalScannerOverWhatItsProgramSaid) {
  const Finished run = check(plugin("scanner-nmap"), {"--recording", recordings + "nmap.jsonl",
                                                      "--filter", "scanner.*:report.*:local.*"});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_EQ(run.out, "10 passed, 0 failed\n");
}

TEST(Check, PassesARemoteScannerOverWhatItsBackendAnswered) {
  const Finished run = check(
      plugin("scanner-nessus"),
      {"--recording", recordings + "nessus.jsonl", "--config",
       R"({"url": "${backend}", "access_key": "AK", "secret_key": "SK", "tls": {"pin_sha256": "${backend_pin}"}})"});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("44 passed, 0 failed\n"));
}

class CheckedPlugin : public testing::TestWithParam<const char*> {};
TEST_P(CheckedPlugin, KeepsTheContract) {
  const Finished run = check(plugin(GetParam()), {"--filter", "[a-z]*"});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
}
INSTANTIATE_TEST_SUITE_P(Ours, CheckedPlugin,
                         testing::Values("queue-sqlite", "results-sqlite", "exporter-jsonlog",
                                         "exporter-prometheus", "transport-mcp", "scanner-nmap"),
                         [](const auto& one) {
                           std::string name = one.param;
                           std::erase(name, '-');
                           return name;
                         });

TEST(Check, PassesTheWebhookExporterWhoseReceiverIsDead) {
  const Finished run = check(
      plugin("exporter-webhook"),
      {"--config",
       R"({"url": "http://127.0.0.1:1/", "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})"});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
}

TEST(Check, SaysInOneLineThatAServerCannotBeReached) {
  const Finished run =
      check(plugin("queue-redis"), {"--config", R"({"url": "redis://127.0.0.1:1/0"})"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(run.err,
            "scanhost-plugin check: it does not start with these settings: "
            "queue-redis: 127.0.0.1:1 cannot be reached: Connection refused\n");
}

TEST(Check, SaysWhatItCannotCheck) {
  EXPECT_EQ(check("/nowhere/queue-none.so", {}).exit_code, 2);
  const Finished settings = check(plugin("queue-sqlite"), {"--config", R"({"pathe": "x"})"});
  EXPECT_EQ(settings.exit_code, 2);
  EXPECT_THAT(settings.err, HasSubstr("pathe"));
  const Finished unknown = check(fixture("exporter-good"), {"--only", "life.eternal"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("there is no case life.eternal"));
}

}  // namespace
}  // namespace scanhost
