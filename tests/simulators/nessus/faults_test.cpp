// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/nessus/faults.h"

#include <gmock/gmock.h>

namespace scanhost::simulator {
namespace {

using testing::HasSubstr;

std::vector<FaultRule> rulesOf(const char* text) {
  auto rules = readFaultRules(Json::parse(text));
  EXPECT_TRUE(rules.has_value()) << rules.error().message;
  return rules.value_or(std::vector<FaultRule>());
}

std::string complaintAbout(const char* text) {
  const auto rules = readFaultRules(Json::parse(text));
  return rules ? "accepted" : rules.error().message;
}

TEST(FaultPlan, AppliesARuleOnceUnlessToldOtherwise) {
  FaultPlan plan(rulesOf(R"([{"path":"/scans","fault":"drop_before"}])"));
  EXPECT_TRUE(plan.next("GET", "/scans"));
  EXPECT_FALSE(plan.next("GET", "/scans"));
}

TEST(FaultPlan, AppliesARuleForEverWhenTimesIsZero) {
  FaultPlan plan(rulesOf(R"([{"path":"/scans","fault":"loading","times":0}])"));
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(plan.next("GET", "/scans"));
}

TEST(FaultPlan, LetsTheFirstRequestsPass) {
  FaultPlan plan(rulesOf(R"([{"path":"/scans","fault":"vanish","after":2,"times":2}])"));
  EXPECT_FALSE(plan.next("GET", "/scans"));
  EXPECT_FALSE(plan.next("GET", "/scans"));
  EXPECT_TRUE(plan.next("GET", "/scans"));
  EXPECT_TRUE(plan.next("GET", "/scans"));
  EXPECT_FALSE(plan.next("GET", "/scans"));
}

TEST(FaultPlan, MatchesMethodAndTheWholePath) {
  FaultPlan plan(
      rulesOf(R"([{"method":"POST","path":"/scans/\\d+/launch","fault":"drop_after","times":0}])"));
  EXPECT_TRUE(plan.next("POST", "/scans/12/launch"));
  EXPECT_FALSE(plan.next("GET", "/scans/12/launch"));
  EXPECT_FALSE(plan.next("POST", "/scans/12/launch/more"));
  EXPECT_FALSE(plan.next("POST", "/scans/x/launch"));
}

TEST(FaultPlan, MatchesTheWholePathWhicheverBranchComesFirst) {
  FaultPlan plan(rulesOf(R"([{"path":"/scans|/scans/1","fault":"drop_after"}])"));
  EXPECT_FALSE(plan.next("GET", "/scans/12"));
  EXPECT_TRUE(plan.next("GET", "/scans/1"));
}

TEST(FaultPlan, TakesTheFirstLiveRuleThatMatches) {
  FaultPlan plan(rulesOf(R"([{"path":"/scans","fault":"drop_before"},
                             {"path":".*","fault":"status","status":500,"times":0}])"));
  EXPECT_EQ(plan.next("GET", "/scans")->kind, FaultKind::drop_before);
  EXPECT_EQ(plan.next("GET", "/scans")->kind, FaultKind::status);
}

TEST(FaultPlan, ForgetsOldRulesWhenTheyAreReplaced) {
  FaultPlan plan(rulesOf(R"([{"path":".*","fault":"loading","times":0}])"));
  plan.replace({});
  EXPECT_FALSE(plan.next("GET", "/scans"));
}

TEST(FaultRules, KeepEveryDetailOfAReply) {
  const auto rules = rulesOf(R"([{"path":"/scans","fault":"status","status":429,"retry_after":7,
                                  "delay_ms":30,"body":{"error":"slow down"}}])");
  const Fault& fault = rules.at(0).fault;
  EXPECT_EQ(fault.status, 429);
  EXPECT_EQ(fault.retry_after, 7);
  EXPECT_EQ(fault.delay, std::chrono::milliseconds(30));
  EXPECT_EQ(fault.body, R"({"error":"slow down"})");
}

TEST(FaultRules, NameTheRuleAndTheMemberThatIsWrong) {
  EXPECT_THAT(complaintAbout("{}"), HasSubstr("object, not a list"));
  EXPECT_THAT(complaintAbout("[7]"), HasSubstr("fault rule 1 is integer"));
  EXPECT_THAT(complaintAbout(R"([{"path":"/","fault":"vanish"},{"fault":"vanish"}])"),
              HasSubstr("fault rule 2 has no 'path'"));
  EXPECT_THAT(complaintAbout(R"([{"path":"(","fault":"vanish"}])"), HasSubstr("'('"));
  EXPECT_THAT(complaintAbout(R"([{"path":"/","fault":"dellay"}])"),
              HasSubstr("did you mean \"delay\""));
  EXPECT_THAT(complaintAbout(R"([{"path":"/","fault":"status"}])"),
              HasSubstr("without a 'status'"));
  EXPECT_THAT(complaintAbout(R"([{"path":"/","fault":"status","status":200}])"),
              HasSubstr("from 400 to 599"));
  EXPECT_THAT(complaintAbout(R"([{"path":"/","fault":"delay"}])"), HasSubstr("without 'delay_ms'"));
  EXPECT_THAT(complaintAbout(R"([{"path":"/","fault":"vanish","tims":3}])"),
              HasSubstr("unknown member 'tims'"));
}

}  // namespace
}  // namespace scanhost::simulator
