// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What a scan would do, and how a submission is held to it.
#include "host/operations/target_check.h"
#include "host/operations/test_operations.h"

namespace scanhost {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class Plans : public OperationsTest {
 protected:
  Plans() {
    addScanner("far", ScannerKind::remote);
    config.limits.list_walk = 1000;
    config.limits.queued_per_pool = 100;
    config.limits.queued_per_client = 100;
    resolver.addresses = {{"web.example", "10.0.0.7"}};
  }

  Json plan(const std::string& targets, const Caller& caller = owner) {
    return call("plan_scan", Json::object({{"targets", targets}, {"scanner_pool", "far"}}), caller);
  }
  Json submitPlanned(const Json& planned, const std::string& targets,
                     const Caller& caller = owner) {
    return call("run_untrusted_scan",
                Json::object({{"targets", targets},
                              {"name", "LAN"},
                              {"scanner_pool", "far"},
                              {"plan_digest", planned["digest"]}}),
                caller);
  }
  void allowOnly(const std::string& network) {
    scope.put(std::make_shared<const Scope>(*Scope::make({network}, {})));
  }
};

TEST_F(Plans, TellWhatTargetsStandForAndQueueNothing) {
  const Json planned = plan("web.example, 10.0.1.0/30");
  EXPECT_EQ(planned["verdict"].asString(), "allow") << planned.dump();
  EXPECT_THAT(planned["reasons"].items(), SizeIs(0));
  EXPECT_EQ(planned["targets"].dump(),
            R"([{"input":"web.example","addresses":["10.0.0.7"],"address_count":1},)"
            R"({"input":"10.0.1.0/30","addresses":["10.0.1.0/30"],"address_count":4}])");
  EXPECT_EQ(planned["address_count"].asInteger(), 5);
  EXPECT_EQ(planned["scanner_pool"].asString(), "far");
  EXPECT_EQ(planned["scanner_instance"].asString(), "one");
  EXPECT_EQ(planned["estimated_wait_minutes"].asInteger(), 15);
  EXPECT_TRUE(planned["estimated_duration_minutes"].isNull()) << "no scan has completed yet";
  EXPECT_EQ(queue->counts({})->pools.empty() ? 0 : queue->counts({})->pools[0].queued, 0u);
}

TEST_F(Plans, SayWhyAScanWouldBeRefused) {
  const Json denied = plan("192.0.2.1");
  EXPECT_EQ(denied["verdict"].asString(), "deny");
  ASSERT_THAT(denied["reasons"].items(), SizeIs(1));
  EXPECT_THAT(denied["reasons"].items()[0].asString(), HasSubstr("192.0.2.1"));
  EXPECT_EQ(plan("10.0.0.1", viewer)["verdict"].asString(), "deny");
  EXPECT_EQ(plan("unknown.example")["verdict"].asString(), "deny");
  const Json login =
      call("plan_scan",
           Json::object(
               {{"targets", "10.0.0.1"}, {"scanner_pool", "far"}, {"scan_type", "authenticated"}}),
           owner);
  EXPECT_EQ(login["verdict"].asString(), "deny");
  EXPECT_THAT(login["reasons"].dump(), HasSubstr("cannot log in"));
}

TEST_F(Plans, NameTheScansOfTheCallerThatTouchTheSameAddresses) {
  const std::string id = submit("far");  // alice's, of 10.0.0.1
  EXPECT_EQ(plan("10.0.0.0/24")["overlaps"].dump(), "[\"" + id + "\"]");
  EXPECT_EQ(plan("10.0.0.0/24")["estimated_wait_minutes"].asInteger(), 15);
  EXPECT_EQ(plan("10.0.0.2")["overlaps"].dump(), "[]");
  EXPECT_EQ(plan("10.0.0.0/24", stranger)["overlaps"].dump(), "[]");
  resolver.addresses["web.example"] = "10.0.0.1";
  EXPECT_EQ(plan("web.example")["overlaps"].dump(), "[\"" + id + "\"]");
  callOn("cancel_scan", id, owner);
  EXPECT_EQ(plan("10.0.0.0/24")["overlaps"].dump(), "[]");
}

TEST_F(Plans, ASubmissionGoesThroughWhileItsPlanHolds) {
  const Json planned = plan("web.example,10.0.0.1");
  EXPECT_EQ(submitPlanned(planned, "10.0.0.1 web.example")["status"].asString(), "queued");
}

TEST_F(Plans, ANameThatMovedSinceChangesThePlan) {
  const Json planned = plan("web.example");
  resolver.addresses["web.example"] = "10.0.0.8";
  const Json refused = submitPlanned(planned, "web.example");
  EXPECT_EQ(refused["code"].asString(), "plan_changed");
  EXPECT_EQ(refused["status_code"].asInteger(), 409);
  EXPECT_EQ(refused["error"].asString(), "Plan changed");
}

TEST_F(Plans, AnotherPolicyOtherTargetsAndOtherCallersChangeThePlan) {
  const Json planned = plan("10.0.0.1");
  EXPECT_EQ(submitPlanned(planned, "10.0.0.2")["code"].asString(), "plan_changed");
  EXPECT_EQ(submitPlanned(planned, "10.0.0.1", stranger)["code"].asString(), "plan_changed");
  EXPECT_EQ(submitPlanned(Json::object({{"digest", "made-up"}}), "10.0.0.1")["code"].asString(),
            "plan_changed");
  allowOnly("10.0.0.0/16");
  EXPECT_EQ(submitPlanned(planned, "10.0.0.1")["code"].asString(), "plan_changed");
}

TEST_F(Plans, AnExpiredPlanHasChanged) {
  const Json planned = plan("10.0.0.1");
  clock.pass(plan_lifetime + std::chrono::seconds(1));
  EXPECT_THAT(submitPlanned(planned, "10.0.0.1")["message"].asString(), HasSubstr("expired"));
}

}  // namespace
}  // namespace scanhost
