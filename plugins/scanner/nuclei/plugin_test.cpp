// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// scanner-nuclei as the host has it: the built file, loaded. No package of Debian's holds Nuclei,
/// so a script stands in for it, which says what it was started with and replays a recording.
#include <Poco/Net/ServerSocket.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/support/scanner_plugin.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using testing_support::ScannerPlugin;
using testing_support::ScanOutcome;

constexpr const char* recording =
    SCANHOST_SOURCE_DIR "/plugins/scanner/nuclei/testdata/recorded.jsonl";
constexpr const char* statistics =
    R"(echo '{"duration":"0:00:05","hosts":"1","matched":"0","percent":"40","templates":"9"}' >&2)";

class NucleiPlugin : public testing::Test {
 protected:
  Status make(const std::string& program, Json settings = Json::object()) {
    settings["program"] = program;
    settings["templates"] = scanner.folder().path().string();
    return scanner.make(settings);
  }
  Status makeWithStandIn(const std::string& body, Json settings = Json::object()) {
    return make(testing_support::standIn(scanner.folder(), body).string(), std::move(settings));
  }
  Status scan(CallOptions options = {.timeout = 60s}) {
    return scanner.client().scan(request(), outcome, options);
  }
  ScanRequest request() const {
    ScanRequest made;
    made.task_id = "t";
    made.settings = Json::object({{"ports", Json::array({listener.address().port()})}});
    made.targets = {{"127.0.0.1", {"127.0.0.1"}, false}};
    return made;
  }
  std::string seen(const char* name) const {
    std::ifstream file(scanner.dataDir() / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  bool leftNothingBehind() const { return std::filesystem::is_empty(scanner.dataDir()); }

  Poco::Net::ServerSocket listener{Poco::Net::SocketAddress("127.0.0.1", 0)};
  ScannerPlugin scanner{"scanner-nuclei", ScannerKind::local};
  ScanOutcome outcome;
};

TEST_F(NucleiPlugin, SaysWhatItIsAndTakesNoNames) {
  ASSERT_TRUE(make("/bin/true"));
  const auto description = scanner.client().describe();
  ASSERT_TRUE(description);
  EXPECT_EQ(description->family, "nuclei");
  EXPECT_EQ(description->capabilities, 0u);
}

TEST_F(NucleiPlugin, TheSelfTestNamesNucleisVersion) {
  ASSERT_TRUE(
      makeWithStandIn("test \"$1\" = -version && echo '[INF] Nuclei Engine Version: v3.3.7' >&2"));
  const auto health = scanner.client().selfTest({.timeout = 30s});
  ASSERT_TRUE(health) << health.error().message;
  EXPECT_EQ(health->version, "v3.3.7");
}

TEST_F(NucleiPlugin, TheSelfTestRefusesAProgramThatIsNotNuclei) {
  ASSERT_TRUE(make("/bin/true"));
  const auto health = scanner.client().selfTest({.timeout = 30s});
  ASSERT_FALSE(health);
  EXPECT_EQ(health.error().error_class, ErrorClass::config);
  EXPECT_EQ(health.error().subject, ErrorSubject::backend);
}

TEST_F(NucleiPlugin, AScanTellsWhatNucleiFinds) {
  ASSERT_TRUE(makeWithStandIn(std::string(statistics) + "; exec cat " + recording));
  const Status done = scan();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(outcome.told.findings.size(), 5u);
  EXPECT_NE(outcome.told.find("nuclei:CVE-2021-41773"), nullptr);
  EXPECT_THAT(outcome.told.percents, testing::ElementsAre(0, 40, 100));
  ASSERT_TRUE(outcome.summary);
  EXPECT_TRUE(outcome.summary->complete) << outcome.summary->reason;
  EXPECT_EQ(outcome.summary->hosts_answered, 1u);
  EXPECT_EQ(outcome.summary->report_bytes, std::filesystem::file_size(recording));
  EXPECT_TRUE(leftNothingBehind());
}

TEST_F(NucleiPlugin, NucleiSeesOnlyTheTemplateAndTheAddressesOnItsInput) {
  ASSERT_TRUE(
      makeWithStandIn("echo \"$@\" >$HOME/../arguments; cat >$HOME/../input\n"
                      "env >$HOME/../environment; " +
                          std::string(statistics),
                      Json::object({{"severities", Json::array({"high", "critical"})}})));
  ASSERT_TRUE(scan());
  EXPECT_EQ(seen("input"), "127.0.0.1:" + std::to_string(listener.address().port()) + "\n");
  EXPECT_EQ(seen("arguments"),
            "-jsonl -silent -no-color -omit-raw -omit-template -disable-update-check "
            "-disable-redirects -exclude-tags dos -templates " +
                scanner.folder().path().string() +
                " -rate-limit 150 -timeout 10 -stats -stats-json -stats-interval 5 "
                "-no-interactsh -severity high,critical\n");
  EXPECT_THAT(seen("environment"), Not(HasSubstr("USER=")));
}

TEST_F(NucleiPlugin, AServerOfAThirdPartyIsUsedOnlyWhenAllowed) {
  ASSERT_TRUE(makeWithStandIn("echo \"$@\" >$HOME/../arguments; " + std::string(statistics),
                              Json::object({{"interactsh", true}})));
  ASSERT_TRUE(scan());
  EXPECT_THAT(seen("arguments"), Not(HasSubstr("interactsh")));
}

TEST_F(NucleiPlugin, AnAddressThatTakesNoConnectionIsSilentAndNotScanned) {
  ASSERT_TRUE(makeWithStandIn("exit 9"));
  const ScanRequest wanted = request();
  listener.close();
  const Status done = scanner.client().scan(wanted, outcome, {.timeout = 60s});
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(outcome.summary->hosts_silent, 1u);
  ASSERT_EQ(outcome.told.hosts.size(), 1u);
  EXPECT_FALSE(outcome.told.hosts[0].answered);
}

TEST_F(NucleiPlugin, ARunWithoutTemplatesIsNotClean) {
  ASSERT_TRUE(makeWithStandIn("echo '[FTL] no templates provided for scan' >&2"));
  ASSERT_TRUE(scan());
  EXPECT_FALSE(outcome.summary->complete);
  EXPECT_THAT(outcome.summary->reason, HasSubstr("no templates provided"));
}

TEST_F(NucleiPlugin, AFailureNamesWhatNucleiSaid) {
  ASSERT_TRUE(makeWithStandIn("echo '[FTL] could not create runner' >&2; exit 1"));
  const Status done = scan();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().error_class, ErrorClass::transient);
  EXPECT_THAT(done.error().message, HasSubstr("could not create runner"));
  EXPECT_TRUE(leftNothingBehind());
}

TEST_F(NucleiPlugin, WhatWasFoundBeforeGarbageIsToldAndTheScanFails) {
  ASSERT_TRUE(makeWithStandIn("cat " + std::string(recording) + "; echo '{\"a\": [[['"));
  const Status done = scan();
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("json_invalid"));
  EXPECT_EQ(outcome.told.findings.size(), 5u);
}

TEST_F(NucleiPlugin, TheDeadlineEndsNucleiSoonAndKeepsWhatWasTold) {
  ASSERT_TRUE(makeWithStandIn("cat " + std::string(recording) + "; exec sleep 60"));
  const auto begin = std::chrono::steady_clock::now();
  const Status done = scan({.timeout = 500ms});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().error_class, ErrorClass::timeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 20s);
  EXPECT_EQ(outcome.told.findings.size(), 5u);
  EXPECT_TRUE(leftNothingBehind());
}

TEST_F(NucleiPlugin, CannotLogIn) {
  ASSERT_TRUE(make("/bin/true"));
  ScanRequest with_login = request();
  with_login.credential = Credential("ssh-password", Pairs{{"username", "u"}});
  const Status done = scanner.client().scan(with_login, outcome, {});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().error_class, ErrorClass::unsupported);
}

TEST_F(NucleiPlugin, AMissingFolderOfTemplatesIsNamedAtTheStart) {
  const Status made = scanner.make(Json::object({{"templates", "/nowhere"}}));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().error_class, ErrorClass::config);
  EXPECT_THAT(made.error().message, HasSubstr("/nowhere"));
}

}  // namespace
}  // namespace scanhost
