// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What becomes of scans whose scanner instance is replaced, or taken out, while they run.
#include "host/tasks/test_dispatcher.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::SizeIs;

class SwapTest : public DispatcherTest {};

TEST_F(SwapTest, ARemoteScanIsFollowedByTheNewInstanceAndLaunchedOnce) {
  const auto backend = addScanner("far", ScannerKind::remote, Json::object({{"polls", 0}}));
  worker();
  const std::string id = submit("far");
  ASSERT_TRUE(waitForCall(backend, "poll"));

  swapScanner("far", ScannerKind::remote, Json::object({{"polls", 1}}));

  EXPECT_EQ(waitFor(id, TaskState::completed).attempt, 1);
  EXPECT_THAT(calls(backend, "start"), SizeIs(1));
  EXPECT_THAT(events("lease_lost"), IsEmpty());
}

TEST_F(SwapTest, ALaunchUnderWayEndsOnTheInstanceThatItBeganOn) {
  const auto backend = addScanner("far", ScannerKind::remote);
  script(backend, R"({"prepare": [{"acts": true, "sleep_ms": 500}]})");
  worker();
  const std::string id = submit("far");
  ASSERT_TRUE(waitForCall(backend, "prepare"));

  swapScanner("far", ScannerKind::remote, Json::object());

  waitFor(id, TaskState::completed);
  EXPECT_THAT(calls(backend, "prepare"), SizeIs(1));
}

TEST_F(SwapTest, WhatTheOldInstanceAnswersCountsNothingForTheNewOne) {
  const auto backend = addScanner("far", ScannerKind::remote);
  script(backend, R"({"prepare": [{"sleep_ms": 500, "class": "auth", "subject": "backend"}]})");
  worker();
  const std::string id = submit("far");
  ASSERT_TRUE(waitForCall(backend, "prepare"));

  swapScanner("far", ScannerKind::remote, Json::object());

  waitFor(id, TaskState::completed);
  EXPECT_EQ(scanner().condition().state, ScannerState::ready);
  EXPECT_THAT(events("authentication_failed"), IsEmpty());
}

TEST_F(SwapTest, ALocalScanEndsOnTheInstanceThatItBeganOn) {
  const auto backend = addScanner("near", ScannerKind::local);
  script(backend, R"({"scan": [{"sleep_ms": 700}]})");
  worker();
  const std::string id = submit("near");
  ASSERT_TRUE(waitForCall(backend, "scan"));

  swapScanner("near", ScannerKind::local, Json::object());

  EXPECT_EQ(waitFor(id, TaskState::completed).attempt, 1);
  EXPECT_THAT(calls(backend, "scan"), SizeIs(1));
}

TEST_F(SwapTest, ALocalScanThatStaysTooLongIsRunAgainUnspent) {
  const auto backend = addScanner("near", ScannerKind::local);
  script(backend, R"({"scan": [{"sleep_ms": 60000}]})");
  worker();
  const std::string id = submit("near");
  ASSERT_TRUE(waitForCall(backend, "scan"));

  script(backend, "{}");
  swapScanner("near", ScannerKind::local, Json::object(), 100ms);

  EXPECT_EQ(waitFor(id, TaskState::completed).attempt, 1);
  EXPECT_THAT(calls(backend, "scan"), SizeIs(2));
}

TEST_F(SwapTest, TheNewInstanceHasThreadsForItsScansWhileOldOnesStay) {
  const auto backend = addScanner("near", ScannerKind::local, Json::object(), 1);
  script(backend, R"({"scan": [{"sleep_ms": 60000}]})");
  worker();
  submit("near", "first");
  ASSERT_TRUE(waitForCall(backend, "scan"));

  script(backend, "{}");
  swapScanner("near", ScannerKind::local, Json::object());

  EXPECT_EQ(waitFor(submit("near", "second"), TaskState::completed).attempt, 1);
}

TEST_F(SwapTest, ARemoteScanOfAScannerThatIsTakenOutIsFollowedToItsEnd) {
  const auto backend = addScanner("far", ScannerKind::remote, Json::object({{"polls", 5}}));
  worker();
  const std::string id = submit("far");
  ASSERT_TRUE(waitForCall(backend, "start"));

  removeScanners(0ms);

  EXPECT_EQ(waitFor(id, TaskState::completed).attempt, 1);
}

TEST_F(SwapTest, TasksOfAScannerThatIsTakenOutWaitUntilItIsBack) {
  const auto backend = addScanner("near", ScannerKind::local);
  worker();
  removeScanners();
  const std::string id = submit("near");
  std::this_thread::sleep_for(1500ms);
  EXPECT_EQ(task(id).state, TaskState::queued);

  swapScanner("near", ScannerKind::local, Json::object());

  EXPECT_EQ(waitFor(id, TaskState::completed).attempt, 1);
}

}  // namespace
}  // namespace scanhost
