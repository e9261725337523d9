// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/findings/authentication.h"

#include <gtest/gtest.h>

#include "host/findings/coverage.h"
#include "host/findings/finding_samples_test.h"
#include "host/findings/summary.h"

namespace scanhost {
namespace {

constexpr std::uint32_t login_good = SCANHOST_LOGIN_GOOD;
constexpr std::uint32_t login_weak = SCANHOST_LOGIN_WEAK;
constexpr std::uint32_t login_bad = SCANHOST_LOGIN_BAD;

TEST(Authentication, HostFollowsTheTable) {
  EXPECT_EQ(hostAuthentication(login_good), HostAuthentication::success);
  EXPECT_EQ(hostAuthentication(login_good | login_weak), HostAuthentication::partial);
  EXPECT_EQ(hostAuthentication(login_good | login_bad), HostAuthentication::partial);
  EXPECT_EQ(hostAuthentication(login_good | login_weak | login_bad), HostAuthentication::partial);
  EXPECT_EQ(hostAuthentication(login_weak), HostAuthentication::partial);
  EXPECT_EQ(hostAuthentication(login_weak | login_bad), HostAuthentication::partial);
  EXPECT_EQ(hostAuthentication(login_bad), HostAuthentication::failed);
  EXPECT_EQ(hostAuthentication(0), HostAuthentication::unknown);
  EXPECT_EQ(hostAuthentication(1u << 31), HostAuthentication::unknown);
}

TEST(Authentication, StateAndEvidenceAgree) {
  for (const auto state : {HostAuthentication::unknown, HostAuthentication::success,
                           HostAuthentication::partial, HostAuthentication::failed})
    EXPECT_EQ(hostAuthentication(loginEvidence(state)), state);
}

std::string_view overall(std::uint64_t success, std::uint64_t failed, std::uint64_t partial,
                         std::uint64_t unknown) {
  return authenticationName(
      overallAuthentication(AuthenticationCounts{success, failed, partial, unknown}));
}

TEST(Authentication, OverallFollowsTheRule) {
  EXPECT_EQ(authenticationName(overallAuthentication(std::nullopt)), "not_applicable");
  EXPECT_EQ(overall(2, 0, 0, 0), "success");
  EXPECT_EQ(overall(2, 1, 0, 0), "partial");
  EXPECT_EQ(overall(2, 0, 0, 1), "partial");
  EXPECT_EQ(overall(0, 5, 1, 0), "partial");
  EXPECT_EQ(overall(0, 1, 0, 0), "failed");
  EXPECT_EQ(overall(0, 1, 0, 9), "failed");
  EXPECT_EQ(overall(0, 0, 0, 3), "unknown");
  EXPECT_EQ(overall(0, 0, 0, 0), "unknown");
}

TEST(Authentication, NamesReadBack) {
  for (const char* name : {"not_applicable", "success", "partial", "failed", "unknown"})
    EXPECT_EQ(authenticationName(*parseAuthentication(name)), name);
  EXPECT_FALSE(parseAuthentication("fine"));
}

TEST(Coverage, MixedHostsArePartialWhicheverComesFirst) {
  for (const bool failed_first : {true, false}) {
    CoverageTally tally(256, true);
    tally.answered(failed_first ? "10.0.0.1" : "10.0.0.2", failed_first ? login_bad : login_good);
    tally.answered(failed_first ? "10.0.0.2" : "10.0.0.1", failed_first ? login_good : login_bad);
    const Coverage coverage = tally.coverage();
    EXPECT_EQ(coverage.authentication, (AuthenticationCounts{1, 1, 0, 0}));
    EXPECT_EQ(overallAuthentication(coverage.authentication), AuthenticationStatus::partial);
  }
}

TEST(Coverage, EvidenceOfOneHostAddsUp) {
  CoverageTally tally(1, true);
  tally.answered("web.example", login_good);
  tally.answered("WEB.example", login_bad);
  EXPECT_EQ(tally.coverage().hosts_answered, 1u);
  EXPECT_EQ(tally.coverage().authentication, (AuthenticationCounts{0, 0, 1, 0}));
}

TEST(Coverage, SilentHostsAreCountedOrTheRest) {
  CoverageTally tally(256, false);
  for (int i = 0; i < 12; ++i) tally.answered("10.0.0." + std::to_string(i), 0);
  EXPECT_EQ(tally.coverage().hosts_silent, 244u);
  EXPECT_EQ(tally.coverage(7).hosts_silent, 7u);
  EXPECT_FALSE(tally.coverage().authentication) << "untrusted";
  CoverageTally more_names_than_addresses(1, false);
  more_names_than_addresses.answered("a", 0);
  more_names_than_addresses.answered("b", 0);
  EXPECT_EQ(more_names_than_addresses.coverage().hosts_silent, 0u);
}

TEST(Coverage, HostsAreBounded) {
  CoverageTally tally(10, true, 3);
  for (int i = 0; i < 100; ++i) tally.answered(std::to_string(i), login_good);
  EXPECT_EQ(tally.coverage().hosts_answered, 3u);
}

TEST(Coverage, ReadsBackFromJson) {
  const Coverage plain{256, 12, 244, std::nullopt};
  EXPECT_EQ(plain.toJson().dump(),
            R"({"addresses_requested":256,"hosts_answered":12,"hosts_silent":244,)"
            R"("authentication":null})");
  const Coverage full{2, 2, 0, AuthenticationCounts{1, 1, 0, 0}};
  for (const Coverage& coverage : {plain, full})
    EXPECT_EQ(*Coverage::fromJson(coverage.toJson()), coverage);
  EXPECT_FALSE(Coverage::fromJson(Json::parse(R"({"addresses_requested":-1})")));
  EXPECT_FALSE(Coverage::fromJson(Json()));
}

TEST(Summary, TotalLeavesInfoOut) {
  ResultsSummary summary;
  for (const Severity severity :
       {Severity::critical, Severity::low, Severity::info, Severity::info})
    summary.add(sampleFinding("1", severity));
  summary.hosts_scanned = 1;
  summary.file_size_kb = kilobytes(12'600);
  EXPECT_EQ(summary.totalVulnerabilities(), 2u);
  EXPECT_EQ(summary.totalFindings(), 4u);
  EXPECT_EQ(summary.toJson().dump(),
            R"({"hosts_scanned":1,"total_vulnerabilities":2,"severity_breakdown":)"
            R"({"critical":1,"high":0,"medium":0,"low":1,"info":2},"file_size_kb":12.3,)"
            R"("auth_plugins_found":0})");
  EXPECT_EQ(*ResultsSummary::fromJson(summary.toJson()), summary);
  EXPECT_FALSE(ResultsSummary::fromJson(Json()));
}

}  // namespace
}  // namespace scanhost
