// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// scanner-wapiti as the host has it: the built file, loaded, with the real Wapiti where there is
/// one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "plugins/scanner/wapiti/weak_site.h"
#include "tests/support/scanner_plugin.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing_support::ScannerPlugin;
using testing_support::ScanOutcome;
using wapiti::WeakSite;

#define NEEDS_WAPITI() \
  if (!std::filesystem::exists("/usr/bin/wapiti")) GTEST_SKIP() << "wapiti is not installed"

class WapitiPlugin : public testing::Test {
 protected:
  Status scan(const ScanRequest& request, CallOptions options = {.timeout = 100s}) {
    return scanner.client().scan(request, outcome, options);
  }
  /// With a script in Wapiti's place, which finds its report's path in $report.
  Status makeWithStandIn(const std::string& body) {
    const auto program =
        testing_support::standIn(scanner.folder(), "report=$HOME/report.json\n" + body);
    return scanner.make(Json::object({{"program", program.string()}}));
  }
  static ScanRequest request(const WeakSite& site, Json settings = Json::object()) {
    ScanRequest made;
    made.task_id = "t";
    settings["ports"] = Json::array({site.port()});
    made.settings = std::move(settings);
    made.targets = {{"127.0.0.1", {"127.0.0.1"}, false}};
    return made;
  }
  bool leftNothingBehind() const { return std::filesystem::is_empty(scanner.dataDir()); }

  ScannerPlugin scanner{"scanner-wapiti", ScannerKind::local};
  ScanOutcome outcome;
};

constexpr const char* empty_report =
    R"({"classifications":{},"vulnerabilities":{},"anomalies":{},"additionals":{},"infos":{}})";

TEST_F(WapitiPlugin, SaysWhatItIs) {
  ASSERT_TRUE(scanner.make(Json::object()));
  const auto description = scanner.client().describe();
  ASSERT_TRUE(description);
  EXPECT_EQ(description->family, "wapiti");
  EXPECT_EQ(description->capabilities, SCANHOST_SCANNER_PINS_NAMES);
}

TEST_F(WapitiPlugin, TheSelfTestNamesWapitisVersion) {
  NEEDS_WAPITI();
  ASSERT_TRUE(scanner.make(Json::object()));
  const auto health = scanner.client().selfTest({.timeout = 60s});
  ASSERT_TRUE(health) << health.error().message;
  EXPECT_THAT(health->version, testing::StartsWith("3."));
}

TEST_F(WapitiPlugin, TheSelfTestRefusesAProgramThatIsNotWapiti) {
  ASSERT_TRUE(scanner.make(Json::object({{"program", "/bin/true"}})));
  const auto health = scanner.client().selfTest({.timeout = 60s});
  ASSERT_FALSE(health);
  EXPECT_EQ(health.error().error_class, ErrorClass::config);
  EXPECT_EQ(health.error().subject, ErrorSubject::backend);
}

TEST_F(WapitiPlugin, FindsTheWeaknessesOfASmallSiteAndAsksNobodyElse) {
  NEEDS_WAPITI();
  WeakSite elsewhere;
  WeakSite site("http://localhost:" + std::to_string(elsewhere.port()) + "/");
  ASSERT_TRUE(scanner.make(Json::object()));
  ScanRequest wanted = request(
      site, Json::object({{"modules", Json::array({"xss", "cookieflags", "http_headers"})}}));
  wanted.targets = {{"web.example.org", {"127.0.0.1"}, true}};

  const Status done = scan(wanted);

  ASSERT_TRUE(done) << done.error().message;
  const std::string name = "web.example.org";
  const FindingRecord* xss = outcome.told.find("wapiti:xss", "GET " + name + "/search q");
  ASSERT_NE(xss, nullptr);
  EXPECT_EQ(xss->host, "127.0.0.1");
  EXPECT_EQ(xss->port, std::to_string(site.port()));
  EXPECT_GE(xss->severity, Severity::medium);
  EXPECT_THAT(xss->cwe, ElementsAre("CWE-79"));
  EXPECT_NE(outcome.told.find("wapiti:cookie-httponly"), nullptr);
  EXPECT_NE(outcome.told.find("wapiti:headers"), nullptr);
  EXPECT_THAT(site.hostsAsked(), ElementsAre(name + ":" + std::to_string(site.port())));
  EXPECT_THAT(elsewhere.pathsAsked(), IsEmpty());
  ASSERT_EQ(outcome.told.hosts.size(), 1u);
  EXPECT_THAT(outcome.told.hosts[0].facts, Contains(Pair("given", name)));
  ASSERT_TRUE(outcome.summary);
  EXPECT_EQ(outcome.summary->hosts_answered, 1u);
  EXPECT_GT(outcome.summary->report_bytes, 0u);
  EXPECT_TRUE(leftNothingBehind());
}

TEST_F(WapitiPlugin, WorksInAProcessOfItsOwnWithNoMoreThanItsManifestAsksFor) {
  NEEDS_WAPITI();
  WeakSite site;
  ScannerPlugin isolated("scanner-wapiti", ScannerKind::local, testing_support::Placed::isolated);
  ASSERT_TRUE(isolated.make(Json::object()));

  const Status done =
      isolated.client().scan(request(site, Json::object({{"modules", Json::array({"xss"})}})),
                             outcome, {.timeout = 100s});

  ASSERT_TRUE(done) << done.error().message;
  EXPECT_NE(outcome.told.find("wapiti:xss", "GET /search q"), nullptr);
  EXPECT_EQ(outcome.summary->hosts_answered, 1u);
}

TEST_F(WapitiPlugin, ARedirectToAnotherHostIsNotFollowedAndLeavesTheScanPartial) {
  NEEDS_WAPITI();
  WeakSite elsewhere;
  WeakSite site("http://localhost:" + std::to_string(elsewhere.port()) + "/");
  ASSERT_TRUE(scanner.make(Json::object()));

  const Status done = scan(
      request(site, Json::object({{"path", "/away"}, {"modules", Json::array({"http_headers"})}})));

  ASSERT_TRUE(done) << done.error().message;
  EXPECT_THAT(site.pathsAsked(), Contains("/away"));
  EXPECT_THAT(elsewhere.pathsAsked(), IsEmpty());
  EXPECT_FALSE(outcome.summary->complete);
  EXPECT_THAT(outcome.summary->reason, HasSubstr("led to another host"));
}

TEST_F(WapitiPlugin, AnAddressThatTakesNoConnectionIsSilentAndNotScanned) {
  ASSERT_TRUE(makeWithStandIn("exit 9"));
  std::optional<WeakSite> site(std::in_place);
  ScanRequest wanted = request(*site);
  site.reset();

  const Status done = scan(wanted);

  ASSERT_TRUE(done) << done.error().message;
  EXPECT_TRUE(outcome.summary->complete);
  EXPECT_EQ(outcome.summary->hosts_answered, 0u);
  EXPECT_EQ(outcome.summary->hosts_silent, 1u);
  ASSERT_EQ(outcome.told.hosts.size(), 1u);
  EXPECT_FALSE(outcome.told.hosts[0].answered);
}

TEST_F(WapitiPlugin, APortThatSpeaksNoHttpWasNotTested) {
  ASSERT_TRUE(makeWithStandIn(std::string("echo '") + empty_report +
                              "' >$report; echo '[*] Wapiti found 0 URLs'"));
  const WeakSite site;
  ASSERT_TRUE(scan(request(site)));
  EXPECT_FALSE(outcome.summary->complete);
  EXPECT_EQ(outcome.summary->hosts_silent, 1u);
}

TEST_F(WapitiPlugin, ATimeThatRanOutLeavesTheScanPartial) {
  ASSERT_TRUE(makeWithStandIn(std::string("echo '") + empty_report +
                              "' >$report; echo '[*] Wapiti found 3 URLs'\n"
                              "echo 'Max attack time was reached for module xss, stopping.'"));
  const WeakSite site;
  ASSERT_TRUE(scan(request(site)));
  EXPECT_FALSE(outcome.summary->complete);
  EXPECT_EQ(outcome.summary->hosts_answered, 1u);
  EXPECT_THAT(outcome.summary->reason, HasSubstr("module_time"));
}

TEST_F(WapitiPlugin, AFailureNamesWhatWapitiSaid) {
  ASSERT_TRUE(makeWithStandIn("echo 'no module named requests' >&2; exit 1"));
  const WeakSite site;
  const Status done = scan(request(site));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().error_class, ErrorClass::transient);
  EXPECT_THAT(done.error().message, HasSubstr("no module named requests"));
  EXPECT_TRUE(leftNothingBehind());
}

TEST_F(WapitiPlugin, AHostileReportIsRefused) {
  ASSERT_TRUE(
      makeWithStandIn("printf '{\"classifications\": [[[[[[[[[[[[[[[[[[[[[' >$report\n"
                      "echo '[*] Wapiti found 3 URLs'"));
  const WeakSite site;
  const Status done = scan(request(site));
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("json_invalid"));
}

TEST_F(WapitiPlugin, AHugeReportIsRefusedByItsSize) {
  ASSERT_TRUE(makeWithStandIn("truncate -s 65M $report; echo '[*] Wapiti found 3 URLs'"));
  const WeakSite site;
  const Status done = scan(request(site));
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("report.json is larger than"));
}

TEST_F(WapitiPlugin, TheDeadlineEndsWapitiSoonAndLeavesNothingBehind) {
  ASSERT_TRUE(makeWithStandIn("exec sleep 60"));
  const WeakSite site;
  const auto begin = std::chrono::steady_clock::now();
  const Status done = scan(request(site), {.timeout = 500ms});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().error_class, ErrorClass::timeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 20s);
  EXPECT_TRUE(leftNothingBehind());
}

TEST_F(WapitiPlugin, WapitiSeesNothingOfTheServicesEnvironment) {
  ASSERT_TRUE(makeWithStandIn("env >$HOME/../seen\n" + (std::string("echo '") + empty_report) +
                              "' >$report; echo '[*] Wapiti found 1 URLs'"));
  const WeakSite site;
  ASSERT_TRUE(scan(request(site)));
  std::ifstream file(scanner.dataDir() / "seen");
  const std::string seen{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(seen, AllOf(HasSubstr("no_proxy=127.0.0.1\n"),
                          HasSubstr("http_proxy=http://127.0.0.1:1\n"), Not(HasSubstr("USER="))));
}

TEST_F(WapitiPlugin, CannotLogIn) {
  ASSERT_TRUE(scanner.make(Json::object()));
  const WeakSite site;
  ScanRequest with_login = request(site);
  with_login.credential = Credential("ssh-password", Pairs{{"username", "u"}});
  const Status done = scan(with_login);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().error_class, ErrorClass::unsupported);
}

TEST_F(WapitiPlugin, SettingsThatTheSchemaCannotCheckAreCheckedToo) {
  const Status made = scanner.make(Json::object({{"path", "/a b"}}));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().error_class, ErrorClass::config);
}

}  // namespace
}  // namespace scanhost
