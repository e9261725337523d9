// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What no launch goes without: an entry in the ledger, and a kill switch that is off.
#include "host/tasks/test_dispatcher.h"

namespace scanhost {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr std::chrono::milliseconds a_while{1500};  // longer than between two looks for work

class LaunchGate : public DispatcherTest {
 protected:
  const std::filesystem::path backend = addScanner("far", ScannerKind::remote);

  bool isHeld(const std::string& id) {
    std::this_thread::sleep_for(a_while);
    return calls(backend, "prepare").empty() && task(id).state == TaskState::queued &&
           task(id).attempt == 1;
  }
};

TEST_F(LaunchGate, ALaunchIsWrittenDown) {
  keepLedger();
  const std::string id = submit("far");
  worker();
  waitFor(id, TaskState::completed);
  const auto entries = auditEntries(AuditKind::policy_decision);
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_EQ(entries[0]["task_id"].asString(), id);
  EXPECT_EQ(entries[0]["caller"].asString(), "alice");
  EXPECT_EQ(entries[0]["facts"]["decision"].asString(), "allow");
  EXPECT_EQ(entries[0]["facts"]["stage"].asString(), "launch");
  EXPECT_EQ(entries[0]["facts"]["scanner_instance"].asString(), "one");
  EXPECT_EQ(entries[0]["facts"]["targets"].asString(), "10.0.0.1");
}

TEST_F(LaunchGate, ARefusalAtLaunchIsWrittenDown) {
  keepLedger();
  scope.put(std::make_shared<const Scope>(*Scope::make({"192.168.0.0/16"}, {})));
  const std::string id = submit("far");
  worker();
  waitFor(id, TaskState::failed);
  EXPECT_TRUE(eventually([&] {
    const auto entries = auditEntries(AuditKind::policy_decision);
    return entries.size() == 1 && entries[0]["facts"]["decision"].asString() == "deny" &&
           entries[0]["facts"]["rule"].asString() == "not_allowed";
  }));
}

TEST_F(LaunchGate, WithoutALedgerToWriteToNothingIsLaunchedAndNoAttemptIsSpent) {
  keepLedger();
  const std::string id = submit("far");
  breakLedger();
  worker();
  EXPECT_TRUE(isHeld(id));
  mendLedger();
  EXPECT_EQ(waitFor(id, TaskState::completed).attempt, 1);
}

TEST_F(LaunchGate, TheKillSwitchHoldsWhatWaits) {
  const std::string id = submit("far");
  ASSERT_TRUE(killSwitch().engage("olga", ""));
  worker();
  EXPECT_TRUE(isHeld(id));
  ASSERT_TRUE(killSwitch().release("olga"));
  EXPECT_EQ(waitFor(id, TaskState::completed).attempt, 1);
}

TEST_F(LaunchGate, AScanThatWasPreparedIsNotStartedWhileTheKillSwitchIsOn) {
  script(backend, R"({"prepare": [{"acts": true, "sleep_ms": 500}]})");
  const std::string id = submit("far");
  worker();
  ASSERT_TRUE(waitForCall(backend, "prepare"));
  ASSERT_TRUE(killSwitch().engage("olga", ""));
  std::this_thread::sleep_for(a_while);
  EXPECT_THAT(calls(backend, "start"), IsEmpty());
  ASSERT_TRUE(killSwitch().release("olga"));
  EXPECT_EQ(waitFor(id, TaskState::completed).attempt, 1);
  EXPECT_THAT(calls(backend, "prepare"), SizeIs(1)) << "the one that waited is started";
  EXPECT_THAT(calls(backend, "start"), SizeIs(1));
}

TEST_F(LaunchGate, WhatRunsGoesOnUnderTheKillSwitch) {
  const std::string id = submit("far");
  script(backend, R"({"start": [{"acts": true, "sleep_ms": 300}]})");
  worker();
  ASSERT_TRUE(waitForCall(backend, "start"));
  ASSERT_TRUE(killSwitch().engage("olga", ""));
  waitFor(id, TaskState::completed);
}

}  // namespace
}  // namespace scanhost
