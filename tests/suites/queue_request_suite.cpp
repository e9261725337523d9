// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include <thread>

#include "tests/suites/queue_suite.h"

namespace scanhost::suites {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

TEST_P(QueueSuite, CancellingAWaitingTaskEndsItAtOnce) {
  submitted("t1");
  const auto answer = queue().request("t1", TaskRequest::cancel, 99, {});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->outcome, QueueOutcome::done);
  EXPECT_EQ(answer->task.value().state, TaskState::cancelled);
  EXPECT_EQ(answer->task->completed_us, 99);
  EXPECT_TRUE(leased(1).empty());
  EXPECT_EQ(queue().request("t1", TaskRequest::cancel, 100, {})->outcome, QueueOutcome::done);
  EXPECT_EQ(get("t1").completed_us, 99);
}

TEST_P(QueueSuite, CancellingARunningTaskIsAFlagForItsHolder) {
  const QueuedTask task = running("t1");
  const auto answer = queue().request("t1", TaskRequest::cancel, 99, {});
  EXPECT_EQ(answer->outcome, QueueOutcome::done);
  EXPECT_EQ(answer->task.value().state, TaskState::running);
  EXPECT_TRUE(answer->task->flags.cancel_requested);
  Finish finish;
  finish.state = TaskState::cancelled;
  EXPECT_EQ(*queue().finish(task.lease(), finish, {}), QueueOutcome::done);
}

TEST_P(QueueSuite, AnEndedTaskCannotBeCancelledPausedOrResumed) {
  ended("t1", TaskState::completed);
  for (const TaskRequest what : {TaskRequest::cancel, TaskRequest::pause, TaskRequest::resume}) {
    const auto answer = queue().request("t1", what, 1, {});
    EXPECT_EQ(answer->outcome, QueueOutcome::wrong_state);
    EXPECT_EQ(answer->task.value().state, TaskState::completed);
  }
}

TEST_P(QueueSuite, ARequestForAnUnknownTaskSaysSo) {
  EXPECT_EQ(queue().request("nobody", TaskRequest::cancel, 1, {})->outcome,
            QueueOutcome::not_found);
}

TEST_P(QueueSuite, PausingAWaitingTaskHoldsItUntilItIsResumed) {
  submitted("t1");

  EXPECT_EQ(queue().request("t1", TaskRequest::pause, 1, {})->task.value().state,
            TaskState::paused);
  EXPECT_TRUE(leased(1).empty());
  EXPECT_EQ(poolCounts().queued, 1u);
  EXPECT_EQ(poolCounts().paused, 0u);
  EXPECT_EQ(queue().request("t1", TaskRequest::pause, 1, {})->outcome, QueueOutcome::done);

  EXPECT_EQ(queue().request("t1", TaskRequest::resume, 1, {})->task.value().state,
            TaskState::queued);
  EXPECT_EQ(leased(1).size(), 1u);
}

TEST_P(QueueSuite, AHeldTaskCanBeCancelled) {
  submitted("t1");
  ASSERT_TRUE(queue().request("t1", TaskRequest::pause, 1, {}));
  EXPECT_EQ(queue().request("t1", TaskRequest::cancel, 2, {})->task.value().state,
            TaskState::cancelled);
  EXPECT_EQ(poolCounts().queued, 0u);
}

TEST_P(QueueSuite, PausingARunningTaskIsAFlagThatResumeTakesBack) {
  running("t1");
  EXPECT_TRUE(queue().request("t1", TaskRequest::pause, 1, {})->task.value().flags.pause_requested);
  const auto answer = queue().request("t1", TaskRequest::resume, 1, {});
  EXPECT_EQ(answer->outcome, QueueOutcome::done);
  EXPECT_FALSE(answer->task.value().flags.pause_requested);
}

TEST_P(QueueSuite, ResumingAScanPausedOnItsScannerIsToldToItsHolder) {
  const QueuedTask task = running("t1");
  ASSERT_TRUE(queue().request("t1", TaskRequest::pause, 1, {}));
  Change change;
  change.state = TaskState::paused;
  EXPECT_TRUE(advanced(task, change).flags.pause_requested);

  ASSERT_TRUE(queue().request("t1", TaskRequest::resume, 1, {}));

  EXPECT_EQ(get("t1").state, TaskState::paused);
  EXPECT_FALSE(get("t1").flags.pause_requested);
}

TEST_P(QueueSuite, AFailedTaskIsRedrivenAsItsNextAttempt) {
  const QueuedTask task = running("t1");
  Finish finish;
  finish.state = TaskState::failed;
  finish.dead_letter = true;
  finish.completed_us = 5;
  ASSERT_TRUE(queue().finish(task.lease(), finish, {}));

  const auto answer = queue().redrive("t1", true, {});

  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->outcome, QueueOutcome::done);
  const QueuedTask& again = answer->task.value();
  EXPECT_EQ(again.state, TaskState::queued);
  EXPECT_EQ(again.attempt, 2);
  EXPECT_EQ(again.completed_us, 0);
  EXPECT_FALSE(again.flags.dead_letter);
  EXPECT_TRUE(again.flags.relaunch);
  EXPECT_EQ(poolCounts().dead, 0u);
  EXPECT_EQ(leased(1).at(0).epoch, 2u);
}

TEST_P(QueueSuite, TwoRedrivesAtOnceRequeueATaskOnce) {
  ended("t1", TaskState::failed);
  std::atomic<int> done{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i)
    threads.emplace_back([&] {
      const auto answer = queue().redrive("t1", false, {});
      done += answer && answer->outcome == QueueOutcome::done;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, 1);
  EXPECT_EQ(get("t1").attempt, 2);
}

TEST_P(QueueSuite, OnlyFailedTasksAreRedriven) {
  ended("t1", TaskState::completed);
  EXPECT_EQ(queue().redrive("t1", false, {})->outcome, QueueOutcome::wrong_state);
  EXPECT_EQ(queue().redrive("nobody", false, {})->outcome, QueueOutcome::not_found);
}

TEST_P(QueueSuite, ARelaunchIsAllowedOnce) {
  ended("t1", TaskState::failed);
  ASSERT_TRUE(queue().redrive("t1", true, {}));
  const QueuedTask task = leased(1).at(0);
  Change change;
  change.intent = true;
  EXPECT_FALSE(advanced(task, change).flags.relaunch);
}

TEST_P(QueueSuite, ARelaunchForgetsTheReferenceAndAPlainRedriveKeepsIt) {
  for (const bool relaunch : {false, true}) {
    const std::string id = relaunch ? "relaunched" : "followed";
    const QueuedTask task = running(id);
    Change change;
    change.intent = true;
    advanced(task, change);
    change = {};
    change.reference = "42";
    change.run_id = "run-42";
    advanced(task, change);
    Finish finish;
    finish.state = TaskState::failed;
    ASSERT_TRUE(queue().finish(task.lease(), finish, {}));
    const auto answer = queue().redrive(id, relaunch, {});
    ASSERT_TRUE(answer && answer->task);
    for (const QueuedTask& now : {*answer->task, get(id)}) {
      EXPECT_EQ(now.reference, relaunch ? "" : "42");
      EXPECT_EQ(now.run_id, relaunch ? "" : "run-42");
      EXPECT_EQ(now.launch, 1u);
    }
    EXPECT_EQ(leased(1).size(), 1u);  // out of the next one's way
  }
}

TEST_P(QueueSuite, ALaunchInDoubtKeepsARedrivenTaskOnItsInstanceUnlessARelaunchIsAllowed) {
  Change intent;
  intent.intent = true;
  Finish finish;
  finish.state = TaskState::failed;
  for (const bool relaunch : {false, true}) {
    const std::string id = relaunch ? "relaunched" : "looked-for";
    const QueuedTask task = running(id);
    advanced(task, intent);
    ASSERT_TRUE(queue().finish(task.lease(), finish, {}));
    ASSERT_TRUE(queue().redrive(id, relaunch, {}));
    EXPECT_EQ(leased(1, minute, {{"lan", "b", 10}}).size(), relaunch ? 1u : 0u) << id;
    if (relaunch) continue;
    EXPECT_EQ(leased(1).size(), 1u);
  }
}

TEST_P(QueueSuite, APauseAskedForHoldsATaskThatIsReleased) {
  const QueuedTask task = running("t1");
  ASSERT_TRUE(queue().request("t1", TaskRequest::pause, 1, {}));
  ASSERT_TRUE(queue().release(task.lease(), {}, {}));
  EXPECT_EQ(get("t1").state, TaskState::paused);
  EXPECT_TRUE(leased(1).empty());
  ASSERT_TRUE(queue().request("t1", TaskRequest::resume, 1, {}));
  EXPECT_EQ(leased(1).size(), 1u);
}

TEST_P(QueueSuite, ACancelAskedForIsNotKeptWaitingByADelay) {
  const QueuedTask task = running("t1");
  ASSERT_TRUE(queue().request("t1", TaskRequest::cancel, 1, {}));
  Release release;
  release.delay = minute;
  ASSERT_TRUE(queue().release(task.lease(), release, {}));
  EXPECT_TRUE(leased(1).at(0).flags.cancel_requested);
}

TEST_P(QueueSuite, ARedriveForgetsEarlierRequests) {
  const QueuedTask task = running("t1");
  ASSERT_TRUE(queue().request("t1", TaskRequest::cancel, 1, {}));
  Finish finish;
  finish.state = TaskState::failed;
  ASSERT_TRUE(queue().finish(task.lease(), finish, {}));
  EXPECT_FALSE(queue().redrive("t1", false, {})->task.value().flags.cancel_requested);
}

TEST_P(QueueSuite, RemovingATaskFreesItsKey) {
  Submission first = submission("t1");
  first.key = "k";
  first.key_hash = "h";
  first.key_ttl = minute;
  ASSERT_TRUE(queue().submit(first, {}));
  EXPECT_EQ(*queue().remove("t1", {}), QueueOutcome::wrong_state);
  ASSERT_TRUE(queue().request("t1", TaskRequest::cancel, 1, {}));

  EXPECT_EQ(*queue().remove("t1", {}), QueueOutcome::done);

  EXPECT_FALSE(queue().get("t1", {})->has_value());
  EXPECT_EQ(*queue().remove("t1", {}), QueueOutcome::not_found);
  first.id = "t2";
  first.key_hash = "other";
  EXPECT_EQ(queue().submit(first, {})->outcome, QueueOutcome::created);
}

TEST_P(QueueSuite, EndedTasksExpireByTheirKind) {
  ended("old-completed", TaskState::completed, 100);
  ended("new-completed", TaskState::completed, 300);
  ended("old-failed", TaskState::failed, 100);
  submitted("waiting");

  const auto gone = queue().expire(200, 50, 10, {});

  ASSERT_TRUE(gone);
  EXPECT_THAT(ids(*gone), ElementsAre("old-completed"));
  EXPECT_THAT(ids(*queue().expire(1000, 1000, 1, {})), ElementsAre("new-completed"));
  EXPECT_THAT(ids(*queue().expire(1000, 1000, 10, {})), ElementsAre("old-failed"));
  EXPECT_EQ(get("waiting").state, TaskState::queued);
}

TEST_P(QueueSuite, AWaitingTaskThatIsTimedOutEnds) {
  const QueuedTask task = submitted("t1");

  EXPECT_EQ(*queue().timeOut("t1", task.epoch, 9'000, "nobody took it", {}), QueueOutcome::done);

  const QueuedTask ended = get("t1");
  EXPECT_EQ(ended.state, TaskState::timeout);
  EXPECT_EQ(ended.completed_us, 9'000);
  EXPECT_EQ(ended.error_message, "nobody took it");
  EXPECT_EQ(ended.error_class, ErrorClass::timeout);
  EXPECT_TRUE(leased(1).empty());
  EXPECT_EQ(poolCounts().queued, 0u);
}

TEST_P(QueueSuite, ATaskThatMovedOnIsNotTimedOut) {
  const QueuedTask waiting = submitted("t1");
  const QueuedTask task = leased(1).at(0);

  EXPECT_EQ(*queue().timeOut("t1", waiting.epoch, 9'000, "", {}), QueueOutcome::lease_lost);
  EXPECT_EQ(*queue().timeOut("t1", task.epoch, 9'000, "", {}), QueueOutcome::lease_lost);

  EXPECT_EQ(renewed(task), QueueOutcome::done);
}

TEST_P(QueueSuite, ATaskWhoseLeaseEndedIsTimedOutAndItsHolderRefused) {
  const QueuedTask task = running("t1", blink);
  wait(2 * blink);

  EXPECT_EQ(*queue().timeOut("t1", task.epoch, 9'000, "nobody works on it", {}),
            QueueOutcome::done);

  EXPECT_EQ(get("t1").state, TaskState::timeout);
  EXPECT_EQ(renewed(task), QueueOutcome::lease_lost);
  EXPECT_EQ(activeOn("a"), 0u);
}

TEST_P(QueueSuite, AHeldOrEndedOrUnknownTaskIsNotTimedOut) {
  submitted("held");
  ASSERT_TRUE(queue().request("held", TaskRequest::pause, 1, {}));
  const QueuedTask over = ended("over", TaskState::completed);

  EXPECT_EQ(*queue().timeOut("held", 0, 9'000, "", {}), QueueOutcome::wrong_state);
  EXPECT_EQ(*queue().timeOut("over", over.epoch, 9'000, "", {}), QueueOutcome::wrong_state);
  EXPECT_EQ(*queue().timeOut("absent", 0, 9'000, "", {}), QueueOutcome::not_found);
}

TEST_P(QueueSuite, ATaskWaitsSinceItWasCreatedOrResumed) {
  const QueuedTask task = submitted("t1");
  EXPECT_EQ(get("t1").queued_us, task.created_us);
  const QueuedTask taken = leased(1).at(0);
  ASSERT_TRUE(queue().release(taken.lease(), {}, {}));
  EXPECT_EQ(get("t1").queued_us, task.created_us) << "a retry goes on waiting";

  ASSERT_TRUE(queue().request("t1", TaskRequest::pause, 8'000'000, {}));
  ASSERT_TRUE(queue().request("t1", TaskRequest::resume, 9'000'000, {}));
  EXPECT_EQ(get("t1").queued_us, 9'000'000);
}

TEST_P(QueueSuite, ARedrivenTaskWaitsSinceItWasRedriven) {
  ended("t1", TaskState::failed);
  EXPECT_GT(queue().redrive("t1", false, {})->task.value().queued_us, 9'000'000);
}

}  // namespace scanhost::suites
