// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The dispatcher as a whole: local scans, many remote ones, and its end.
#include <malloc.h>

#include "host/tasks/launch.h"
#include "host/tasks/test_dispatcher.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::SizeIs;

std::size_t threadsOfThisProcess() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

TEST_F(DispatcherTest, ALocalScanRunsHereAndCompletes) {
  const auto backend = addScanner("near", ScannerKind::local);
  worker();
  const std::string id = submit("near");

  const QueuedTask done = waitFor(id, TaskState::completed);

  EXPECT_THAT(calls(backend, "scan"), SizeIs(1));
  EXPECT_EQ(done.launch, 1u);
  EXPECT_THAT(events("scan_progress"), SizeIs(2)) << "at 50 and at 100";
}

TEST_F(DispatcherTest, FollowingARemoteScanCostsNoThread) {
  constexpr std::size_t many = 200;
  const auto backend = addScanner("far", ScannerKind::remote, Json::object({{"polls", 0}}), many);
  Dispatcher& dispatcher = worker();
  submit("far");
  ASSERT_TRUE(waitForCall(backend, "poll"));
  const std::size_t threads = threadsOfThisProcess();

  for (std::size_t i = 1; i < many; ++i) submit("far");
  ASSERT_TRUE(eventually([&] { return calls(backend, "start").size() == many; }, 60s));
  const auto polls = calls(backend, "poll").size();
  ASSERT_TRUE(eventually([&] {
    const auto now = calls(backend, "poll");
    return now.size() > polls && now.back() == std::to_string(many);
  })) << "one call asks for all of them";

  EXPECT_EQ(dispatcher.activeTasks(), many);
  EXPECT_EQ(threadsOfThisProcess(), threads);
  EXPECT_LE(threads, 30u);
}

TEST_F(DispatcherTest, FollowingManyScansHoldsSoMuchOfEachAndNoMoreWithEachPoll) {
  constexpr std::size_t many = 300, warm_up = 10, polls = 30;
  constexpr std::size_t most_of_a_scan = 24u << 10, most_growth = 256u << 10;
  const auto heldOnTheHeap = [] { return mallinfo2().uordblks; };
  config.tasks.lease = 600s;
  eventLog().setLevel(Level::error);
  const auto backend = addScanner("far", ScannerKind::remote, Json::object({{"polls", 0}}), many);
  for (std::size_t i = 0; i < many; ++i) submit("far");
  const auto pollsOfAll = [&] {
    const auto made = calls(backend, "poll");
    return static_cast<std::size_t>(std::count(made.begin(), made.end(), std::to_string(many)));
  };
  const std::size_t before = heldOnTheHeap();
  worker();

  ASSERT_TRUE(eventually([&] { return pollsOfAll() >= warm_up; }, 60s));
  const std::size_t warm = heldOnTheHeap();
  ASSERT_TRUE(eventually([&] { return pollsOfAll() >= warm_up + polls; }, 60s));
  const std::size_t after = heldOnTheHeap();

  EXPECT_LE(warm, before + many * most_of_a_scan);
  EXPECT_LE(after, warm + most_growth) << "a state kept of each poll would be more";
}

TEST_F(DispatcherTest, AScannerThatHangsKeepsNoLeaseFromBeingRenewedAndNoOtherFromWorking) {
  config.tasks.lease = 1s;
  const auto stuck = addScanner("stuck", ScannerKind::remote, Json::object(), 20);
  const auto other = addScanner("far", ScannerKind::remote);
  script(stuck, R"({"prepare": [{"sleep_ms": 8000, "always": true}]})");
  worker();
  for (int i = 0; i < 12; ++i) submit("stuck");
  ASSERT_TRUE(waitForCall(stuck, "prepare", 3));

  waitFor(submit("far"), TaskState::completed);

  std::this_thread::sleep_for(2s);
  EXPECT_THAT(events("lease_lost"), SizeIs(0));
  EXPECT_THAT(events("task_taken_over"), SizeIs(0));
}

TEST_F(DispatcherTest, DrainHandsARemoteScanBackRunningAndUnspent) {
  const auto backend = addScanner("far", ScannerKind::remote, Json::object({{"polls", 15}}));
  Dispatcher& first = worker("first");
  const std::string id = submit("far");
  ASSERT_TRUE(waitForCall(backend, "poll"));

  EXPECT_EQ(first.drain(10s), 1u);
  const QueuedTask left = task(id);
  EXPECT_EQ(left.state, TaskState::running);
  EXPECT_EQ(left.attempt, 1);
  EXPECT_LE(left.lease_left, 0ns) << "its lease is over, so that another may take it at once";

  kill(first);
  worker("second");
  const QueuedTask done = waitFor(id, TaskState::completed);
  EXPECT_EQ(done.attempt, 1);
  EXPECT_EQ(done.takeovers, 0);
  EXPECT_THAT(calls(backend, "start"), SizeIs(1));
  EXPECT_THAT(calls(backend, "stop"), SizeIs(0));
}

TEST_F(DispatcherTest, DrainStopsALocalScanAndQueuesItAgainUnspent) {
  const auto backend = addScanner("near", ScannerKind::local);
  script(backend, R"({"scan": [{"sleep_ms": 60000}]})");
  Dispatcher& first = worker("first");
  const std::string id = submit("near");
  ASSERT_TRUE(waitForCall(backend, "scan"));

  EXPECT_EQ(first.drain(10s), 1u);
  EXPECT_EQ(task(id).state, TaskState::queued);
  EXPECT_EQ(task(id).attempt, 1);

  kill(first);
  worker("second");
  EXPECT_EQ(waitFor(id, TaskState::completed).attempt, 1);
}

TEST_F(DispatcherTest, DrainWaitsForALaunchUnderWayAndHandsItBackWhole) {
  const auto backend = addScanner("far", ScannerKind::remote, Json::object({{"polls", 0}}));
  script(backend, R"({"prepare": [{"acts": true, "sleep_ms": 800}]})");
  Dispatcher& first = worker("first");
  const std::string id = submit("far");
  ASSERT_TRUE(waitForCall(backend, "prepare"));

  EXPECT_EQ(first.drain(10s), 1u);

  EXPECT_EQ(task(id).reference, "1");
  EXPECT_EQ(task(id).run_id, "run-1");
  EXPECT_EQ(task(id).state, TaskState::running);
}

TEST_F(DispatcherTest, DrainEndsInTimeEvenWhenAScannerHangs) {
  const auto backend = addScanner("far", ScannerKind::remote);
  script(backend, R"({"prepare": [{"sleep_ms": 60000}]})");
  Dispatcher& hung = worker();
  submit("far");
  ASSERT_TRUE(waitForCall(backend, "prepare"));

  const auto began = Clock::now();
  hung.drain(500ms);

  EXPECT_LT(Clock::now() - began, 5s);
}

TEST_F(DispatcherTest, DrainEndsInTimeEvenWhenAScannerHangsAsItIsAskedToStopAScan) {
  const auto backend = addScanner("far", ScannerKind::remote, Json::object({{"polls", 1000}}));
  script(backend, R"({"stop": [{"sleep_ms": 60000}]})");
  Dispatcher& hung = worker();
  const std::string id = submit("far");
  ASSERT_TRUE(waitForCall(backend, "poll"));
  request(id, TaskRequest::cancel);
  ASSERT_TRUE(waitForCall(backend, "stop"));

  const auto began = Clock::now();
  hung.drain(500ms);

  EXPECT_LT(Clock::now() - began, 5s);
}

TEST_F(DispatcherTest, WithoutRoomOnTheDiskNothingIsLaunchedUntilThereIs) {
  const auto backend = addScanner("far", ScannerKind::remote);
  free_bytes = 999;
  worker();
  const std::string id = submit("far");
  std::this_thread::sleep_for(1500ms);
  EXPECT_EQ(task(id).state, TaskState::queued);
  EXPECT_THAT(calls(backend, "prepare"), IsEmpty());
  ASSERT_THAT(events("disk_low"), SizeIs(1));
  EXPECT_EQ(events("disk_low")[0]->level, Level::warning);
  EXPECT_THAT(events("disk_recovered"), IsEmpty());

  free_bytes = 1000;

  EXPECT_EQ(waitFor(id, TaskState::completed).attempt, 1);
  EXPECT_THAT(events("disk_recovered"), SizeIs(1));
}

TEST_F(DispatcherTest, ATaskThatWasLeasedAsTheDiskFilledIsSoonThereForAnotherNode) {
  free_bytes = 999;
  const auto refused = makeScanRequest(work(), {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error_class, ErrorClass::busy);
  EXPECT_LE(refused.error().retry_after, 1s);
}

TEST_F(DispatcherTest, WithoutRoomOnTheDiskWhatRunsIsTakenOverAndFinishes) {
  const auto backend = addScanner("far", ScannerKind::remote, Json::object({{"polls", 10}}));
  Dispatcher& first = worker("first");
  const std::string id = submit("far");
  ASSERT_TRUE(waitForCall(backend, "poll"));
  free_bytes = 999;
  first.drain(5s);
  kill(first);

  worker("second");

  waitFor(id, TaskState::completed);
  EXPECT_THAT(calls(backend, "start"), SizeIs(1));
}

}  // namespace
}  // namespace scanhost
