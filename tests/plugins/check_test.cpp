// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// `scanhost-plugin check`: passes what keeps the contract, and names what does not.
#include <gmock/gmock.h>

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

TEST(Check, RefusesWhatAHostWouldRefuse) {
  const Finished run = check(fixture("exporter-abi-major-2"), {});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.err, HasSubstr("a host would refuse it"));
}

TEST(Check, SaysInOneLineThatAServerCannotBeReached) {
  const Finished run =
      check(plugin("queue-redis"), {"--config", R"({"url": "redis://127.0.0.1:1/0"})"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(run.err,
            "scanhost-plugin check: scanhost-plugin-suites: no store starts: "
            "queue-redis: 127.0.0.1:1 cannot be reached: Connection refused\n");
}

TEST(Check, SaysWhatItCannotCheck) {
  EXPECT_EQ(check("/nowhere/queue-none.so", {}).exit_code, 2);
  const Finished settings = check(plugin("queue-sqlite"), {"--config", R"({"pathe": "x"})"});
  EXPECT_EQ(settings.exit_code, 2);
  EXPECT_THAT(settings.err, HasSubstr("pathe"));
  const Finished kind = check(fixture("exporter-good"), {});
  EXPECT_EQ(kind.exit_code, 2);
  EXPECT_THAT(kind.err, HasSubstr("neither a queue nor a result store"));
}

}  // namespace
}  // namespace scanhost
