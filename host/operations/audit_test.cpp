// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the operations write into the ledger, what operators read from it, and what happens to
/// submissions where it cannot be written or the kill switch is on.
#include "host/operations/test_operations.h"

namespace scanhost {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Audit : public OperationsTest {
 protected:
  Audit() {
    addScanner("far", ScannerKind::remote);
    config.limits.queued_per_pool = 100;
    keepLedger();
  }
  Json ask(const Json& extra = Json::object()) {
    Json arguments =
        Json::object({{"targets", "10.0.0.1"}, {"name", "LAN"}, {"scanner_pool", "far"}});
    for (const Json::Member& member : extra.members()) arguments[member.first] = member.second;
    return call("run_untrusted_scan", arguments, owner);
  }
  Json listed(const Json& arguments = Json::object()) {
    return call("list_audit_entries", arguments, operator_caller);
  }
  Json turn(const std::string& state, bool stop_running = false) {
    return call(
        "set_kill_switch",
        Json::object({{"state", state}, {"stop_running", stop_running}, {"reason", "incident"}}),
        operator_caller);
  }
  /// Written soon, where nobody waits for it.
  Json newest(AuditKind kind) {
    EXPECT_TRUE(eventually([&] { return !auditEntries(kind).empty(); }));
    return auditEntries(kind).empty() ? Json() : auditEntries(kind).front();
  }
};

// ---- decisions -------------------------------------------------------------------------------

TEST_F(Audit, AnAcceptedScanIsWrittenDownBeforeItsAnswer) {
  const std::string id = ask()["task_id"].asString();
  const auto entries = auditEntries(AuditKind::policy_decision);
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_EQ(entries[0]["task_id"].asString(), id);
  EXPECT_EQ(entries[0]["caller"].asString(), "alice");
  EXPECT_EQ(entries[0]["facts"]["stage"].asString(), "submission");
  EXPECT_EQ(entries[0]["facts"]["decision"].asString(), "allow");
  EXPECT_EQ(entries[0]["facts"]["scanner_pool"].asString(), "far");
}

TEST_F(Audit, ARefusedScanIsWrittenDown) {
  EXPECT_EQ(ask(Json::object({{"targets", "192.168.0.1"}}))["code"].asString(), "policy_denied");
  const Json entry = newest(AuditKind::policy_decision);
  EXPECT_EQ(entry["facts"]["decision"].asString(), "deny");
  EXPECT_EQ(entry["facts"]["targets"].asString(), "192.168.0.1");
  EXPECT_TRUE(entry["task_id"].isNull());
}

TEST_F(Audit, APlanIsWrittenDown) {
  call("plan_scan", Json::object({{"targets", "10.0.0.1"}, {"scanner_pool", "far"}}), owner);
  EXPECT_EQ(newest(AuditKind::policy_decision)["facts"]["stage"].asString(), "plan");
}

TEST_F(Audit, AScanThatIsRefusedForAnotherReasonWasDecidedOnAllTheSame) {
  free_bytes = 0;
  EXPECT_EQ(ask()["code"].asString(), "unavailable");
  EXPECT_EQ(newest(AuditKind::policy_decision)["facts"]["decision"].asString(), "allow");
}

TEST_F(Audit, NoPasswordIsWrittenDown) {
  call("run_authenticated_scan",
       Json::object({{"targets", "10.0.0.1"},
                     {"name", "LAN"},
                     {"scanner_pool", "far"},
                     {"scan_type", "authenticated"},
                     {"ssh_username", "scan"},
                     {"ssh_password", "canary"}}),
       owner);
  for (const Json& entry : listed()["entries"].items())
    EXPECT_EQ(entry.dump().find("canary"), std::string::npos);
}

TEST_F(Audit, WithoutALedgerToWriteToNothingIsAccepted) {
  work();
  breakLedger();
  const Json refused = ask();
  EXPECT_EQ(refused["code"].asString(), "unavailable");
  EXPECT_THAT(refused["message"].asString(), HasSubstr("audit ledger"));
  EXPECT_EQ(call("list_tasks", Json::object(), owner)["total"].asInteger(), 0);
  mendLedger();
  EXPECT_EQ(ask()["status"].asString(), "queued");
}

// ---- acts ------------------------------------------------------------------------------------

TEST_F(Audit, ActsAreWrittenDownWithWhoDidThem) {
  const std::string id = ask()["task_id"].asString();
  callOn("pause_scan", id, owner);
  callOn("resume_scan", id, owner);
  call("cancel_scan", Json::object({{"task_id", id}, {"reason", "too early"}}), operator_caller);
  callOn("delete_scan", id, owner);
  for (const AuditKind kind :
       {AuditKind::pause, AuditKind::resume, AuditKind::cancel, AuditKind::delete_}) {
    const auto entries = auditEntries(kind);
    ASSERT_THAT(entries, SizeIs(1)) << auditKindName(kind);
    EXPECT_EQ(entries[0]["task_id"].asString(), id);
    EXPECT_EQ(entries[0]["facts"]["outcome"].asString(), "done");
  }
  const Json cancelled = auditEntries(AuditKind::cancel)[0];
  EXPECT_EQ(cancelled["caller"].asString(), "olga");
  EXPECT_EQ(cancelled["facts"]["reason"].asString(), "too early");
}

TEST_F(Audit, WhatAnOperatorDidWithDeadLettersIsWrittenDown) {
  failedTask("far", ErrorClass::transient);
  call("purge_dead_letters", Json::object({{"confirm", true}}), operator_caller);
  const std::string id = failedTask("far", ErrorClass::transient);
  callOn("redrive_task", id);
  EXPECT_EQ(newest(AuditKind::redrive)["task_id"].asString(), id);
  EXPECT_EQ(newest(AuditKind::purge)["facts"]["purged"].asInteger(), 1);
}

TEST_F(Audit, WhatAClientWasRefusedIsNoAct) {
  callOn("cancel_scan", "ne_scan_20261130_070000_00000000", stranger);
  EXPECT_THAT(auditEntries(AuditKind::cancel), IsEmpty());
}

TEST_F(Audit, AnActIsDoneWhereItCannotBeWrittenDown) {
  const std::string id = ask()["task_id"].asString();
  breakLedger();
  EXPECT_EQ(callOn("cancel_scan", id)["status"].asString(), "cancelled");
  mendLedger();
}

// ---- reading ---------------------------------------------------------------------------------

TEST_F(Audit, NoOneButAnOperatorReadsTheLedger) {
  for (const Caller& caller : {owner, stranger, viewer})
    EXPECT_EQ(call("list_audit_entries", Json::object(), caller)["code"].asString(), "unknown");
}

TEST_F(Audit, ItsPagesHoldEachEntryOnceNewestFirst) {
  for (int i = 0; i < 7; ++i) ask();
  std::vector<std::int64_t> found;
  Json arguments = Json::object({{"limit", 3}, {"kind", "policy_decision"}});
  for (int page = 0; page < 3; ++page) {
    const Json answer = listed(arguments);
    for (const Json& entry : answer["entries"].items())
      found.push_back(entry["sequence"].asInteger());
    arguments["cursor"] = answer["next_cursor"];
  }
  EXPECT_TRUE(arguments["cursor"].isNull());
  EXPECT_THAT(found, ElementsAre(8, 7, 6, 5, 4, 3, 2));
}

TEST_F(Audit, OneScansStoryIsFoundByItsId) {
  ask();
  const std::string id = ask()["task_id"].asString();
  ask();
  callOn("cancel_scan", id);
  const Json answer = listed(Json::object({{"task_id", id}}));
  ASSERT_EQ(answer["entries"].size(), 2u);
  EXPECT_EQ(answer["entries"].items()[0]["kind"].asString(), "cancel");
  EXPECT_EQ(answer["entries"].items()[1]["kind"].asString(), "policy_decision");
}

TEST_F(Audit, ACursorOfAnotherRequestIsRefused) {
  for (int i = 0; i < 3; ++i) ask();
  const Json first = listed(Json::object({{"limit", 1}}));
  EXPECT_EQ(listed(Json::object({{"kind", "cancel"}, {"cursor", first["next_cursor"]}}))["code"]
                .asString(),
            "invalid_argument");
}

// ---- the kill switch ---------------------------------------------------------------------------

TEST_F(Audit, UnderTheKillSwitchNothingIsAcceptedAndThePlanSaysSo) {
  EXPECT_TRUE(turn("on")["engaged"].asBool());
  const Json refused = ask();
  EXPECT_EQ(refused["code"].asString(), "policy_denied");
  EXPECT_EQ(refused["details"]["rule"].asString(), "kill_switch");
  EXPECT_THAT(refused["hint"].asString(), HasSubstr("kill-switch off"));
  const Json plan =
      call("plan_scan", Json::object({{"targets", "10.0.0.1"}, {"scanner_pool", "far"}}), owner);
  EXPECT_EQ(plan["verdict"].asString(), "deny");
  EXPECT_FALSE(turn("off")["engaged"].asBool());
  EXPECT_EQ(ask()["status"].asString(), "queued");
  EXPECT_THAT(auditEntries(AuditKind::kill_switch), SizeIs(2));
}

TEST_F(Audit, ItsStateTellsWhoAndWhy) {
  turn("on");
  const Json state = call("get_kill_switch", Json::object(), operator_caller);
  EXPECT_TRUE(state["engaged"].asBool());
  EXPECT_EQ(state["caller"].asString(), "olga");
  EXPECT_EQ(state["reason"].asString(), "incident");
}

TEST_F(Audit, AsToldItStopsWhatRuns) {
  const auto backend = addScanner("endless", ScannerKind::remote, Json::object({{"polls", 0}}));
  config.tasks.lease = std::chrono::seconds(1);  // a third of it, and the worker hears of the cancel
  const std::string id = ask(Json::object({{"scanner_pool", "endless"}}))["task_id"].asString();
  worker();
  ASSERT_TRUE(waitForCall(backend, "poll"));
  const Json answer = turn("on", true);
  EXPECT_EQ(answer["scans_stopped"].asInteger(), 1);
  EXPECT_TRUE(answer["complete"].asBool());
  waitFor(id, TaskState::cancelled);
  EXPECT_EQ(newest(AuditKind::cancel)["facts"]["by"].asString(), "kill_switch");
}

TEST_F(Audit, NoOneButAnOperatorTurnsIt) {
  for (const char* operation : {"get_kill_switch", "set_kill_switch"})
    EXPECT_EQ(call(operation, Json::object({{"state", "on"}}), owner)["code"].asString(),
              "unknown");
  EXPECT_FALSE(killSwitch().engaged());
}

}  // namespace
}  // namespace scanhost
