// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/remote_cleanup.h"

#include "host/tasks/test_dispatcher.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t some_time_us = 5'000'000;

QueuedTask endedTask() {
  SubmissionDocument submission;
  submission.name = "LAN";
  QueuedTask task;
  task.submission = submission.toText();
  task.state = TaskState::completed;
  task.instance = "one";
  task.launch = 2;
  task.reference = "7";
  task.completed_us = some_time_us;
  return task;
}

RemoteState scanOf(RemoteStatus status, std::string reference = "7") {
  RemoteState scan;
  scan.state = status;
  scan.reference = std::move(reference);
  scan.name = "LAN";
  return scan;
}

RemoteState named(std::string name, RemoteState scan) {
  scan.name = std::move(name);
  return scan;
}

Leftover judge(const RemoteState& scan, const QueuedTask& task, std::uint64_t launch = 2,
               std::int64_t ended_before_us = some_time_us + 1, std::string_view instance = "one") {
  return judgeRemoteScan(scan, {"id", launch}, instance, task, ended_before_us);
}

TEST(RemoteLeftover, IsRemovedOnceItsTaskEndedLongEnoughAgo) {
  EXPECT_EQ(judge(scanOf(RemoteStatus::completed), endedTask()), Leftover::remove);
  EXPECT_EQ(judge(scanOf(RemoteStatus::completed), endedTask(), 2, some_time_us), Leftover::keep);
}

TEST(RemoteLeftover, IsStoppedWhenItGoesOnAfterItsTask) {
  for (const auto status : {RemoteStatus::running, RemoteStatus::pending, RemoteStatus::paused})
    EXPECT_EQ(judge(scanOf(status), endedTask(), 2, 0), Leftover::stop);
}

TEST(RemoteLeftover, IsKeptWhileItsTaskIsUnderWay) {
  QueuedTask task = endedTask();
  for (const auto state : {TaskState::queued, TaskState::running, TaskState::paused}) {
    task.state = state;
    EXPECT_EQ(judge(scanOf(RemoteStatus::running), task), Leftover::keep);
    EXPECT_EQ(judge(scanOf(RemoteStatus::completed), task), Leftover::keep);
  }
}

TEST(RemoteLeftover, OfAnEarlierLaunchIsOfNoUse) {
  QueuedTask task = endedTask();
  task.state = TaskState::running;
  EXPECT_EQ(judge(scanOf(RemoteStatus::created, "3"), task, 1), Leftover::remove);
  EXPECT_EQ(judge(scanOf(RemoteStatus::running, "3"), task, 1), Leftover::stop);
}

TEST(RemoteLeftover, OfATaskThatNeverLearntOfItIsItsOwn) {
  QueuedTask task = endedTask();
  task.reference.clear();
  EXPECT_EQ(judge(scanOf(RemoteStatus::running, "9"), task, 2, 0), Leftover::stop);
  EXPECT_EQ(judge(scanOf(RemoteStatus::created, "9"), task), Leftover::remove);
}

TEST(RemoteLeftover, ACopyMadeByAPersonIsNone) {
  EXPECT_EQ(judge(scanOf(RemoteStatus::running, "8"), endedTask()), Leftover::keep);
  EXPECT_EQ(judge(scanOf(RemoteStatus::completed, "8"), endedTask()), Leftover::keep);
}

TEST(RemoteLeftover, ACopyOfAScanOfAnEarlierLaunchIsNone) {
  for (const std::string name : {"Copy of LAN", "LAN [scanhost:id/1] of Monday", "lan"}) {
    const auto judgeCopy = [&](RemoteStatus status, const QueuedTask& task) {
      return judge(named(name, scanOf(status, "8")), task, 1);
    };
    QueuedTask task = endedTask();
    EXPECT_EQ(judgeCopy(RemoteStatus::running, task), Leftover::keep);
    EXPECT_EQ(judgeCopy(RemoteStatus::completed, task), Leftover::keep);
    task.state = TaskState::running;
    EXPECT_EQ(judgeCopy(RemoteStatus::created, task), Leftover::keep);
  }
}

TEST(RemoteLeftover, ACopyIsNoneAlsoWhereItsTaskNeverLearntOfTheOriginal) {
  QueuedTask task = endedTask();
  task.reference.clear();
  EXPECT_EQ(judge(named("Copy of LAN", scanOf(RemoteStatus::running)), task), Leftover::keep);
}

TEST(RemoteLeftover, WithoutANameIsKnownByItsReferenceAlone) {
  EXPECT_EQ(judge(named("", scanOf(RemoteStatus::completed)), endedTask()), Leftover::remove);
  EXPECT_EQ(judge(named("", scanOf(RemoteStatus::completed, "3")), endedTask(), 1), Leftover::keep);
}

TEST(RemoteLeftover, ThatSomebodyRenamedIsKnownByItsReference) {
  EXPECT_EQ(judge(named("Monday", scanOf(RemoteStatus::running)), endedTask()), Leftover::stop);
}

TEST(RemoteLeftover, OfTheSameNumberOnAnotherInstanceIsNone) {
  EXPECT_EQ(judge(scanOf(RemoteStatus::completed), endedTask(), 2, some_time_us + 1, "two"),
            Leftover::keep);
}

class RemoteCleanupTest : public DispatcherTest {
 protected:
  std::size_t cleanUp() { return cleanUpRemoteScans(work(), std::make_shared<CancelSource>()); }

  /// A scan on the scanner that no worker made.
  RemoteScan strayScan(const std::string& marker) {
    ScanRequest request;
    request.name = "scan";
    request.marker = marker;
    request.targets = {{"10.0.0.1", {"10.0.0.1"}, false}};
    const auto reference = client().prepare(request, {.timeout = patience});
    EXPECT_TRUE(reference) << reference.error().message;
    return {*reference, "", marker};
  }
};

TEST_F(RemoteCleanupTest, RemovesTheScansOfEndedTasksAndSaysSo) {
  const auto backend = addScanner("far", ScannerKind::remote);
  config.housekeeping.remote_retention = 0ms;
  worker();
  waitFor(submit("far"), TaskState::completed);

  EXPECT_EQ(cleanUp(), 1u);

  EXPECT_THAT(calls(backend, "remove"), ElementsAre("1"));
  EXPECT_TRUE(waitForEvent("remote_scan_deleted"));
  EXPECT_EQ(cleanUp(), 0u);
}

TEST_F(RemoteCleanupTest, AClockSetADayAheadRemovesNothingEarly) {
  const auto backend = addScanner("far", ScannerKind::remote);
  config.housekeeping.remote_retention = 1h;
  worker();
  waitFor(submit("far"), TaskState::completed);
  clock.setAhead(24h);

  EXPECT_EQ(cleanUp(), 0u);

  EXPECT_THAT(calls(backend, "remove"), IsEmpty());
}

TEST_F(RemoteCleanupTest, LeavesTheScansOfTasksThatThisQueueDoesNotKnow) {
  const auto backend = addScanner("far", ScannerKind::remote);
  config.housekeeping.remote_retention = 0ms;
  strayScan(makeMarker(makeTaskId("far", "one", Timestamp::now()), 1));
  strayScan("[scanhost:by hand]");

  EXPECT_EQ(cleanUp(), 0u);

  EXPECT_THAT(calls(backend, "remove"), IsEmpty());
  EXPECT_THAT(calls(backend, "stop"), IsEmpty());
}

TEST_F(RemoteCleanupTest, StopsAScanThatGoesOnAfterItsTaskAndThenRemovesIt) {
  const auto backend = addScanner("far", ScannerKind::remote, Json::object({{"polls", 0}}));
  config.housekeeping.remote_retention = 0ms;
  const std::string id = submit("far");
  const auto held = queue->lease({1, "worker", 60s, 1, 0ns, {{"far", "one", 1}}}, {});
  ASSERT_EQ(held.value().size(), 1u);
  Finish finish;
  finish.state = TaskState::cancelled;
  finish.completed_us = 1;
  ASSERT_TRUE(queue->finish(held->front().lease(), finish, {}));
  const RemoteScan orphan = strayScan(makeMarker(id, 1));
  ASSERT_TRUE(client().start(orphan, {.timeout = patience}));

  EXPECT_EQ(cleanUp(), 0u);
  EXPECT_THAT(calls(backend, "stop"), ElementsAre("1"));
  EXPECT_TRUE(waitForEvent("orphaned_scan_stopped"));

  EXPECT_EQ(cleanUp(), 1u);
  EXPECT_THAT(calls(backend, "remove"), ElementsAre("1"));
}

TEST_F(RemoteCleanupTest, LeavesAScannerThatCannotListItsScansAlone) {
  const auto backend = addScanner("far", ScannerKind::remote, Json::object({{"finds", false}}));
  EXPECT_EQ(cleanUp(), 0u);
  EXPECT_THAT(calls(backend, "find"), IsEmpty());
}

}  // namespace
}  // namespace scanhost
